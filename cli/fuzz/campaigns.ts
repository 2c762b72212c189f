import type { Campaign } from './campaign.ts'
import { definitions } from './definitions.ts'
import { journals } from './journals.ts'
import { runs } from './runs.ts'
import { verdicts } from './verdicts.ts'

/** All of them, those that take the longest first. */
export const campaigns: readonly Campaign[] = [definitions, journals, runs, verdicts]
