import { expect, it } from 'vitest'

import { vitestProjects } from './vitest-projects.ts'

it('knows the projects of vitest.config.ts with their parts, and nothing else that has a name there', () => {
  const projects = vitestProjects()
  expect(projects.filter((name) => !name.includes(':'))).toEqual([
    'unit',
    'scenarios',
    'counter',
    'campaign',
    'slow-host',
  ])
  expect(projects).toContain('scenarios:split')
  expect(projects).toContain('counter:election')
})
