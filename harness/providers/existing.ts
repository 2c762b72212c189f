import { UserError } from '../user-error.ts'
import type { Provider } from './provider.ts'

const missing = () =>
  Promise.reject(new UserError('the provider existing is not there yet', { exitCode: 2, hint: 'Use kind.' }))

/** Clusters made of a kubeconfig and a command per node. */
export const existingProvider: Provider = { check: missing, start: missing }
