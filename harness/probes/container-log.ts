import type { StartedCluster } from '../cluster.ts'

/** A line of a container's log. */
export interface LogLine {
  /** When the runtime took it, in milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

export interface LogQuery {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** The log of the container's run before this one. */
  readonly previous?: boolean
}

/**
 * What a container wrote, with the runtime's own times, so that logs of all formats can be compared.
 * @throws {KubeApiError} where there is no such log: the container has not been started, or its first run is its only one
 */
export async function containerLog({ api }: Pick<StartedCluster, 'api'>, query: LogQuery): Promise<LogLine[]> {
  const { namespace, pod, container, previous = false } = query
  const options = `container=${container}&timestamps=true&previous=${previous}`
  return parseLog(await api.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log?${options}`))
}

/** Lines as the kubelet gives them with `timestamps=true`: an RFC 3339 time, a blank, the text. */
export function parseLog(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    const blank = line.indexOf(' ')
    const at = Date.parse(line.slice(0, blank))
    return blank === -1 || Number.isNaN(at) ? [] : [{ at, text: line.slice(blank + 1) }]
  })
}
