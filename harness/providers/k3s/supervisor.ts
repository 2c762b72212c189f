import { request } from 'node:https'

/**
 * What the supervisor of a server says to `GET /ping`, which it answers everybody with `pong`, with an API server
 * beside it or without (k3s-io/k3s pkg/server/handlers/router.go).
 * @param port the supervisor's port as the host's loopback has it
 * @throws where nothing answers
 */
export function ping(port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      // Nothing is told and nothing is believed: its certificate authority is made while it starts.
      { host: '127.0.0.1', port, path: '/ping', signal, rejectUnauthorized: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(text))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
