import { budget } from '../../harness/budgets/budget.ts'
import { lockTakenOver } from '../../harness/budgets/election.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { explainElection } from '../../harness/diagnosis/election.ts'
import { formatDuration } from '../../harness/duration.ts'
import { blockEgressNft } from '../../harness/faults/block-egress-nft.ts'
import { NoEvidence } from '../../harness/faults/fault.ts'
import { scenario } from '../../harness/fixtures.ts'
import { candidateEvents, electionFacts } from '../../harness/probes/candidates.ts'
import { describeElection, electionView } from '../../harness/probes/election.ts'
import { electedBefore, elector, recovers } from './electing.ts'

/**
 * The holder is cut off from the API: it stops acting before another begins, by the logs of both; afterwards there is
 * one holder, and the one that was cut off is a candidate again.
 */
scenario('election.leader-partitioned', { requires: ['node-access'] }, async (context) => {
  const { cluster, given, eventually, require, verify, measure } = context
  await using electorate = await elector()(cluster)
  const { holder: before, candidates } = await electedBefore(context, electorate)
  const holder = candidates.find(({ pod }) => pod === before?.pod?.metadata.name)
  const node = cluster.nodes.find(({ name }) => name === holder?.node)
  if (holder === undefined || node === undefined)
    throw new Error(`the holder ${before?.identity ?? '?'} is on no machine`)
  await given(`${holder.pod} acts as the leader`, {
    probe: () => candidateEvents(cluster, electorate, holder.pod),
    until: (events) => events.some(({ kind }) => kind === 'acting'),
    within: budget(electorate.timing.retryPeriod),
    describe: (events) => `${events.length} lines`,
  })

  // Its container ends with its term: where it ends once more before it is read, the log of its term is gone.
  let last = 0
  const readsItsTerm = async () => {
    const acts = (await candidateEvents(cluster, electorate, holder.pod)).filter(({ kind }) => kind === 'acting')
    last = Math.max(last, ...acts.map(({ at }) => at).filter((at) => at > (before?.takenAt ?? 0)))
  }

  const struckAt = Date.now()
  await using fault = await blockEgressNft(cluster, [node], { pods: [holder.ip] })
  const view = await eventually('another holds the lock', {
    probe: async () => {
      const [seen] = await Promise.all([electionView(cluster, electorate), readsItsTerm().catch(() => {})])
      return seen
    },
    until: ({ holder: now }) => now !== null && now.pod !== null && now.pod.metadata.name !== holder.pod,
    within: lockTakenOver(electorate.timing),
    since: fault.injectedAt,
    describe: describeElection,
    diagnose: async () => explainElection(await electionFacts(cluster, electorate)),
  })
  measure('another held the lock after', cluster.journal.now() - fault.injectedAt, 'ms')
  const successor = view.holder?.pod?.metadata.name ?? ''
  const begins = await eventually(`${successor} acts as the leader`, {
    probe: async () =>
      (await candidateEvents(cluster, electorate, successor)).find(({ kind, at }) => kind === 'acting' && at > struckAt)
        ?.at ?? 0,
    until: (at) => at > 0,
    within: budget(electorate.timing.retryPeriod),
    diagnose: async () => explainElection(await electionFacts(cluster, electorate)),
  })
  await readsItsTerm()
  if (last === 0)
    throw new NoEvidence(`no log of ${holder.pod} has what it did as the leader (${describeElection(view)})`)
  measure('pause between the two leaders', begins - last, 'ms')
  require('the one that was cut off had stopped acting before the other began', last < begins, () =>
    diagnosis(
      'election.two-holders',
      `${holder.pod} was cut off and still acted ${formatDuration(last - begins)} after ${successor} had begun`,
    ))

  await recovers(context, electorate, await fault.heal())
  const { holder: after } = await electionView(cluster, electorate)
  verify('the one who took over holds the lock still', after?.pod?.metadata.name === successor, () =>
    diagnosis('election.two-holders', `${successor} held the lock, and ${after?.identity ?? 'nobody'} does now`),
  )
})
