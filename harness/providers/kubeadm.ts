import { UserError } from '../user-error.ts'
import type { Provider } from './provider.ts'

const missing = () =>
  Promise.reject(new UserError('the provider kubeadm is not there yet', { exitCode: 2, hint: 'Use kind.' }))

/** Clusters made of kubeadm on machines with split roles. */
export const kubeadmProvider: Provider = { check: missing, start: missing }
