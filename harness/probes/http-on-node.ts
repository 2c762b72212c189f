import { messageOf } from '../error-message.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { StreamHandle } from '../process.ts'

/** What a server on a machine answers. */
export interface HttpAnswer {
  /** 0: no answer. */
  readonly status: number
  readonly body: string
  /** Why there is no answer, in curl's words or the machine's; empty where there is one. */
  readonly problem: string
}

/** A server that hangs must not use up a probe's own limit, 5 s, with two requests. */
const answerLimitSeconds = 2

/** What it may take to run a command on the machine beside curl's own time, in milliseconds. */
const execMarginMs = 4_000

/**
 * Asks servers from the machine itself, one URL after the other, with one curl there. A server that does not answer,
 * and a machine that is off, are observations and no errors: there are as many answers as URLs.
 */
export async function httpOnNode(
  node: Pick<ClusterNode, 'exec'>,
  urls: readonly string[],
  options: readonly string[] = [],
): Promise<HttpAnswer[]> {
  let problem: string
  try {
    const command = ['curl', ...curlArguments(urls, options)] as const
    const { stdout, stderr } = await node.exec([...command], { reject: false, timeoutMs: answersWithin(urls) })
    const answers = parseAnswers(stdout)
    if (answers.length === urls.length) return answers
    problem = stderr.trim() || 'curl said nothing'
  } catch (error) {
    problem = messageOf(error)
  }
  return urls.map(() => ({ status: 0, body: '', problem }))
}

export interface Repetition {
  readonly times: number
  /** From one look's end to the next one's beginning, in milliseconds. */
  readonly pauseMs: number
}

/** Ends what one curl says: a line that is in no answer. */
const recordSeparator = '\u001E'

/** `$1`: how often; `$2`: seconds of pause; then what curl is given. */
const repeatedly = `times=$1 pause=$2
shift 2
while curl "$@"; printf '\\036\\n'; times=$((times - 1)); [ "$times" -gt 0 ]; do sleep "$pause"; done
`

/**
 * As `httpOnNode`, several times with one command on the machine: starting one costs more than what is asked. It ends by
 * itself, also where nobody hears it any more; where a look is late, and where `onAnswers` throws.
 */
export function httpOnNodeRepeatedly(
  node: Pick<ClusterNode, 'stream'>,
  urls: readonly string[],
  options: readonly string[],
  { times, pauseMs }: Repetition,
  onAnswers: (answers: readonly HttpAnswer[]) => void,
): StreamHandle {
  let said: string[] = []
  const words = [String(times), String(pauseMs / 1_000), ...curlArguments(urls, options)]
  const handle = node.stream(['sh', '-c', repeatedly, 'sh', ...words], (line) => {
    if (line !== recordSeparator) return void said.push(line)
    late.refresh()
    const answers = parseAnswers(`${said.join('\n')}\n`)
    said = []
    onAnswers(answers)
  })
  const late = setTimeout(() => handle.kill(), pauseMs + answersWithin(urls)).unref()
  const done = handle.done.finally(() => clearTimeout(late))
  // Nobody has to wait for it.
  done.catch(() => undefined)
  return { ...handle, done }
}

function curlArguments(urls: readonly string[], options: readonly string[]): string[] {
  const limits = ['--silent', '--max-time', String(answerLimitSeconds)]
  return [...limits, ...options, '--write-out', String.raw`\n%{http_code} %{errormsg}\n`, ...urls]
}

/** How long one curl and the command that it is may take, in milliseconds. */
function answersWithin(urls: readonly string[]): number {
  return urls.length * answerLimitSeconds * 1_000 + execMarginMs
}

/** Tells the answers of one curl apart; each ends with a line that has its status. */
export function parseAnswers(stdout: string): HttpAnswer[] {
  return [...stdout.matchAll(/([\s\S]*?)\n(\d{3})(?: (.*))?(?:\n|$)/g)].map(([, body = '', status, problem = '']) => ({
    status: Number(status),
    body: body.trim(),
    problem: problem.trim(),
  }))
}
