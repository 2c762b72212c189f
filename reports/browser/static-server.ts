import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A folder that is served on loopback until it is disposed of. */
export interface StaticServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234/`. */
  readonly url: string
}

/** What a report is made of. Anything else is handed over as bytes. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

/** Serves the files of a folder, and nothing beside it, on a free port of loopback. */
export async function serveFolder(folder: string): Promise<StaticServer> {
  const root = await realpath(folder)
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const found = await fileFor(root, request.url ?? '/')
  if (found === null && request.url === '/favicon.ico') {
    // Browsers ask for it on their own account, and a 404 would be an error on the page's console.
    response.writeHead(204).end()
    return
  }
  if (found === null) {
    response.writeHead(404).end()
    return
  }
  const type = types[path.extname(found.file)] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'content-length': found.bytes, 'cache-control': 'no-store' })
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(found.file), response)
}

/** The file that a request's target names; null where it names none below the root, also by way of a link. */
async function fileFor(
  root: string,
  target: string,
): Promise<{ readonly file: string; readonly bytes: number } | null> {
  try {
    const [pathname = ''] = target.split(/[?#]/)
    const wanted = path.join(root, path.posix.normalize(`/${decodeURIComponent(pathname)}`))
    const real = await realpath(pathname.endsWith('/') ? path.join(wanted, 'index.html') : wanted)
    if (!real.startsWith(root + path.sep)) return null
    const stats = await stat(real)
    return stats.isFile() ? { file: real, bytes: stats.size } : null
  } catch {
    // It is not there, or no path at all: a broken escape, a NUL.
    return null
  }
}
