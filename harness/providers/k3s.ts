import { UserError } from '../user-error.ts'
import type { Provider } from './provider.ts'

const missing = () =>
  Promise.reject(new UserError('the provider k3s is not there yet', { exitCode: 2, hint: 'Use kind.' }))

/** Clusters made of rancher/k3s containers. */
export const k3sProvider: Provider = { check: missing, start: missing }
