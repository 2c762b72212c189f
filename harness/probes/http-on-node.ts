import type { ClusterNode } from '../nodes/node.ts'

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
  const limits = ['--silent', '--max-time', String(answerLimitSeconds)]
  const format = ['--write-out', String.raw`\n%{http_code} %{errormsg}\n`]
  const timeoutMs = urls.length * answerLimitSeconds * 1_000 + execMarginMs
  let problem: string
  try {
    const command = ['curl', ...limits, ...options, ...format, ...urls] as const
    const { stdout, stderr } = await node.exec([...command], { reject: false, timeoutMs })
    const answers = parseAnswers(stdout)
    if (answers.length === urls.length) return answers
    problem = stderr.trim() || 'curl said nothing'
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  return urls.map(() => ({ status: 0, body: '', problem }))
}

/** Tells the answers of one curl apart; each ends with a line that has its status. */
export function parseAnswers(stdout: string): HttpAnswer[] {
  return [...stdout.matchAll(/([\s\S]*?)\n(\d{3})(?: (.*))?(?:\n|$)/g)].map(([, body = '', status, problem = '']) => ({
    status: Number(status),
    body: body.trim(),
    problem: problem.trim(),
  }))
}
