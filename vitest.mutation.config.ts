import { defineConfig } from 'vitest/config'

/** The unit tests beside what mutation testing changes. That a distant test fails too would say little of these. */
export default defineConfig({
  test: {
    include: ['harness/{budgets,diagnosis}/*.test.ts', 'harness/{eventually,lapse,own-time,scenario,verdict}.test.ts'],
  },
})
