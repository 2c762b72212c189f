import { expect, it } from 'vitest'

import { contenders } from './contenders.ts'
import { choose } from './startup.ts'

it('starts all that there is, or what was asked for, in the order in which it is shown', () => {
  expect(choose(null)).toBe(contenders)
  expect(choose(['kind', 'floor']).map(({ name }) => name)).toEqual(['floor', 'kind'])
})

it('is wrong usage with a name that there is not, and names those that there are', () => {
  expect(() => choose(['kind', 'kinder'])).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: '--only: nothing named kinder is started',
      hint: expect.stringMatching(/^There are: floor, single, kind-single, kind, kubeadm, /),
    }),
  )
})
