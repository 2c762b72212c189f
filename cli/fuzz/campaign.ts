import { inspect } from 'node:util'

import fc from 'fast-check'

/** What a campaign came to. */
export interface CampaignResult {
  /** How many inputs were tried. */
  readonly inputs: number
  /** The input that something is wrong with, made as small as may be, and what; null: nothing is. */
  readonly failure: string | null
}

/** A kind of input that is made at random, and what must hold of each. */
export interface Campaign {
  readonly name: string
  /** What it reads, in words. */
  readonly subject: string
  /** Its part of all inputs; those of all campaigns add up to 1. */
  readonly share: number
  /** Tries inputs until one is wrong. The same seed makes the same inputs. */
  run(options: CampaignOptions): Promise<CampaignResult>
}

export interface CampaignOptions {
  readonly inputs: number
  readonly seed: number
  /** Told after each input. */
  readonly tried?: () => void
}

interface Plan<T> extends Pick<Campaign, 'name' | 'subject' | 'share'> {
  readonly inputs: fc.Arbitrary<T>
  /** Throws where something is wrong. */
  check(input: T): void | Promise<void>
}

/**
 * Processor time of this process that one input may take, in milliseconds. The worst that is made on purpose takes a
 * tenth of it, and a second campaign beside it counts here as well.
 */
const longestMs = 10_000

export function campaign<T>({ name, subject, share, inputs, check }: Plan<T>): Campaign {
  return {
    name,
    subject,
    share,
    async run({ inputs: numRuns, seed, tried }) {
      const property = fc.asyncProperty(inputs, async (input) => {
        const before = process.cpuUsage()
        await check(input)
        const { user, system } = process.cpuUsage(before)
        const tookMs = (user + system) / 1_000
        if (tookMs > longestMs) throw new Error(`it took ${tookMs} ms of processor time`)
        tried?.()
      })
      const details = await fc.check(property, { numRuns, seed })
      const { failed, errorInstance } = details
      const failure = failed ? `${fc.defaultReportMessage(details) ?? ''}\n${inspect(errorInstance)}` : null
      return { inputs: details.numRuns, failure }
    },
  }
}
