// How the Allure report is built and what its quality gate asks for. Plain JavaScript: whatever Node.js runs
// `npx allure` reads it. reports/allure/build.ts sets the history's file, CLUSTERPROOF_MIN_TESTS is whoever's
// asks for a gate. By hand:
//
//   npx allure quality-gate reports/out/allure-results
//
// The labels `outcome`, `declared` and `diagnosis` are those of reports/allure/messages.ts.

import { fileURLToPath } from 'node:url'

const { CLUSTERPROOF_REPORT_HISTORY: history, CLUSTERPROOF_MIN_TESTS: minTests = '1' } = process.env

/** Runs that the history remembers. */
const historyLimit = 50

const wanted = Number(minTests)
if (!Number.isInteger(wanted) || wanted < 0) {
  throw new RangeError(`CLUSTERPROOF_MIN_TESTS must be a whole number, and is ${JSON.stringify(minTests)}`)
}

/** @param {{ labels: readonly { name: string, value?: string }[] }} result @param {string} name */
const label = ({ labels }, name) => labels.find((each) => each.name === name)?.value

/** @param {Record<string, string>} labels */
const having = (labels) => (result) => Object.entries(labels).every(([name, value]) => label(result, name) === value)

/** @param {string} name @param {(result: object) => boolean} matches @param {boolean} byDiagnosis */
const category = (name, matches, byDiagnosis = false) => ({
  name,
  matchers: matches,
  groupBy: byDiagnosis ? [{ label: 'diagnosis' }] : [],
  groupByMessage: false,
  expand: true,
})

export default {
  name: 'clusterproof',
  // Also a quality gate writes what it went by, into the folder that it was called in unless there is another.
  output: fileURLToPath(new URL('reports/out/allure-report', import.meta.url)),
  ...(history === undefined ? {} : { historyPath: history, historyLimit }),
  plugins: {
    awesome: {
      options: {
        reportName: 'clusterproof',
        // One file that a browser opens from a disk, a mail or an archive of artifacts, without a server.
        singleFile: true,
        reportLanguage: 'en',
        groupBy: ['epic', 'feature', 'story'],
      },
    },
  },
  // A result belongs to the first that matches it.
  categories: [
    category('Violations that nobody declared', having({ outcome: 'violates', declared: 'no' }), true),
    category('Violations that the scenario declares', having({ outcome: 'violates', declared: 'yes' }), true),
    category('Declared to violate, and conforms', having({ outcome: 'conforms', declared: 'no' })),
    category('Inconclusive: nothing is said of the distribution', having({ outcome: 'inconclusive' })),
    category('The run ended in it', having({ outcome: 'unfinished' })),
    category('Skipped', having({ outcome: 'skipped' })),
    category(
      'Errors without a verdict',
      (result) => label(result, 'outcome') === undefined && ['failed', 'broken'].includes(result.status),
    ),
  ],
  qualityGate: {
    rules: [
      {
        id: 'no violation that nobody declared',
        maxFailures: 0,
        filter: having({ outcome: 'violates', declared: 'no' }),
      },
      {
        id: 'verdicts that say something',
        minTestsCount: wanted,
        filter: (result) => ['conforms', 'violates'].includes(label(result, 'outcome')),
      },
    ],
  },
}
