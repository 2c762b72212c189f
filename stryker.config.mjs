// Mutation testing of what verdicts rest on: `npm run test:mutation`. Plain JavaScript, because Stryker reads it.

import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** What is changed. Codes, summaries and remedies of the catalogs are text, and no test should repeat a text. */
const mutated = [
  'harness/budgets/*.ts',
  'harness/diagnosis/*.ts',
  'harness/eventually.ts',
  'harness/lapse.ts',
  'harness/observations.ts',
  'harness/own-diagnosis.ts',
  'harness/own-time.ts',
  'harness/scenario.ts',
  'harness/scenario-context.ts',
  'harness/verdict.ts',
  '!harness/diagnosis/catalog-*.ts',
  '!**/*.test.ts',
]

/** What a schema says of a field is text for the published one, and `npm run test:unit` compares that (docs/schema). */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'descriptions', {
    shouldIgnore(path) {
      const called =
        path.isCallExpression() && path.node.callee.type === 'MemberExpression' ? path.node.callee.property : null
      return called?.type === 'Identifier' && ['describe', 'meta'].includes(called.name) ? 'a description' : undefined
    },
  }),
]

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner', import.meta.filename],
  ignorers: ['descriptions'],
  mutate: mutated,
  thresholds: { high: 95, low: 85, break: 85 },
  concurrency: 2,
  // The harness is all that its tests need. Without tsconfig.json: Stryker would read it by TypeScript's programming
  // interface, which TypeScript 7 does not have; the tests take it from the folder above.
  ignorePatterns: ['/*', '!/harness', '!/package.json', '!/vitest.mutation.config.ts'],
  // Not below reports/: there the unit tests and the compiler would find the copies.
  tempDirName: '.stryker-tmp',
  cleanTempDir: 'always',
  incremental: true,
  incrementalFile: 'reports/out-mutation/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { reportTests: false, allowEmojis: false },
  htmlReporter: { fileName: 'reports/out-mutation/mutation.html' },
  jsonReporter: { fileName: 'reports/out-mutation/mutation.json' },
  allowConsoleColors: process.stdout.isTTY,
}
