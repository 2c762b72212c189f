import { asExpected, outcomes, type Verdict, type Verdicts } from '../../harness/verdict.ts'
import { counter, type Repeated, repeats } from './repeats.ts'
import type { ScenarioTimes } from './scenario-times.ts'

type Labels = Readonly<Record<string, string>>

interface Sample {
  readonly labels: Labels
  readonly value: number
}

interface Family {
  readonly name: string
  readonly unit?: 'seconds'
  readonly help: string
  readonly samples: readonly Sample[]
}

/**
 * The run as OpenMetrics text. All of it are gauges, so that the older readers of Prometheus' own text (node_exporter's
 * textfile collector) take it too. Written by hand: prom-client 15 keeps label sets as `a:1,b:2,` and so takes two for one
 * where a value holds a comma and a colon, as names of expectations do; and it writes no unit.
 */
export function openMetrics(document: Verdicts, times: ScenarioTimes): string {
  return [...families(document, times).flatMap(lines), '# EOF', ''].join('\n')
}

function families({ run, verdicts }: Verdicts, times: ScenarioTimes): Family[] {
  const all = repeats(verdicts)
  const expectations = all.flatMap((one) => expectationsOf(one, run.id))
  const seconds = { unit: 'seconds' } as const
  return [
    {
      name: 'clusterproof_run_info',
      help: 'The run that these figures are of.',
      samples: [{ labels: { run: run.id, platform: run.host.platform }, value: 1 }],
    },
    {
      name: 'clusterproof_run_started_timestamp_seconds',
      ...seconds,
      help: 'When the run began.',
      samples: moment(run.startedAt),
    },
    {
      name: 'clusterproof_run_finished_timestamp_seconds',
      ...seconds,
      help: 'When the run came to its end; none where it was ended before.',
      samples: moment(run.finishedAt),
    },
    {
      name: 'clusterproof_run_duration_seconds',
      ...seconds,
      help: 'From the start of the run to its end.',
      samples: moment(run.finishedAt).flatMap(({ value: end }) =>
        moment(run.startedAt).map(({ value: start }) => ({ labels: {}, value: rounded(end - start) })),
      ),
    },
    {
      name: 'clusterproof_outcome',
      help: 'What each scenario came to: 1 for its outcome, 0 for the others.',
      samples: all.flatMap(({ verdict, repeat }) =>
        outcomes.map((outcome) => ({
          labels: { ...labelsOf(verdict, repeat), outcome },
          value: Number(verdict.outcome === outcome),
        })),
      ),
    },
    {
      name: 'clusterproof_as_expected',
      help: 'Whether the verdict is what the scenario declares of its cluster (a skipped one is): 1 or 0.',
      samples: all.map(({ verdict, repeat }) => ({
        labels: labelsOf(verdict, repeat),
        value: Number(asExpected(verdict)),
      })),
    },
    {
      name: 'clusterproof_diagnosis_info',
      help: 'The cause of each violation.',
      samples: all.flatMap(({ verdict, repeat }) => {
        const { diagnosis } = verdict
        return diagnosis === null
          ? []
          : [{ labels: { ...labelsOf(verdict, repeat), diagnosis: diagnosis.code }, value: 1 }]
      }),
    },
    {
      name: 'clusterproof_scenario_duration_seconds',
      ...seconds,
      help: 'How long the scenario took to its verdict.',
      samples: all.map(({ verdict, repeat }) => ({
        labels: labelsOf(verdict, repeat),
        value: inSeconds(times.get(verdict) ?? 0),
      })),
    },
    {
      name: 'clusterproof_expectation_seconds',
      ...seconds,
      help: 'How long it took until the expectation came true; none where it was missed.',
      samples: expectations.flatMap(({ labels, tookMs }) =>
        tookMs === null ? [] : [{ labels, value: inSeconds(tookMs) }],
      ),
    },
    {
      name: 'clusterproof_expectation_budget_seconds',
      ...seconds,
      help: 'The deadline of the expectation; 0: at once, or never.',
      samples: expectations.map(({ labels, withinMs }) => ({ labels, value: inSeconds(withinMs) })),
    },
    {
      name: 'clusterproof_expectation_met',
      help: 'Whether the expectation came true before its deadline: 1 or 0.',
      samples: expectations.map(({ labels, tookMs }) => ({ labels, value: Number(tookMs !== null) })),
    },
  ]
}

function labelsOf({ scenario, cluster, distribution }: Verdict, repeat: number): Labels {
  const { name, version, kubernetes } = distribution
  return { scenario, cluster, distribution: name, version, kubernetes, repeat: String(repeat) }
}

/** The expectations of a verdict, those of the same name numbered in their order. */
function expectationsOf({ verdict, repeat }: Repeated, run: string) {
  const number = counter()
  return verdict.expectations.map(({ name, tookMs, withinMs }) => {
    const expectation = lasting(name, verdict.cluster, run)
    const labels = {
      ...labelsOf(verdict, repeat),
      expectation,
      occurrence: String(number(expectation.toWellFormed())),
    }
    return { labels, tookMs, withinMs }
  })
}

/**
 * A name without what a run makes up for its machines: `lone-iovv-bwk1-joining-2` is `joining-2`, in every run. A series
 * that ends with its run would tell nothing over time. @param run its id; of merged runs those of all, with `+` between
 */
export function lasting(name: string, cluster: string, run: string): string {
  return run.split('+').reduce((text, id) => {
    const [before, ...after] = text.split(`${cluster}-${id.slice(-4)}-`)
    return [before, ...after.map((rest) => rest.replace(/^[a-z0-9]{3,4}-/, ''))].join('')
  }, name)
}

function moment(at: string | null): Sample[] {
  const ms = at === null ? Number.NaN : Date.parse(at)
  return Number.isNaN(ms) ? [] : [{ labels: {}, value: inSeconds(ms) }]
}

function lines({ name, unit, help, samples }: Family): string[] {
  // A family without a sample says nothing.
  if (samples.length === 0) return []
  return [
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ labels, value }) => `${name}${labelSet(labels)} ${value}`),
  ]
}

function labelSet(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}

function inSeconds(ms: number): number {
  return rounded(ms / 1_000)
}

/** To the microsecond: the clock tells no more. */
function rounded(seconds: number): number {
  return Number(seconds.toFixed(6))
}
