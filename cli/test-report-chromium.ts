import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type Browser, chromium } from 'playwright-core'

import { projectFolder } from '../harness/images/settings.ts'
import { CommandError, run } from '../harness/process.ts'
import { type Environment, onPath } from '../harness/provided-program.ts'
import { UserError } from '../harness/user-error.ts'

/** What the browser is called on the PATH, by who packages it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The download is 125 MB. */
const installLimitMs = 15 * 60_000

/** Starts a Chromium without a window. */
export async function launchChromium(say: (line: string) => void): Promise<Browser> {
  const executablePath = await chromiumFile(say)
  try {
    return await chromium.launch({ executablePath, chromiumSandbox: !isRoot() })
  } catch (cause) {
    throw new UserError(`${executablePath} did not start`, {
      hint: `See what \`${executablePath} --version\` says, or name another Chromium with CLUSTERPROOF_CHROMIUM.`,
      cause,
    })
  }
}

/**
 * The Chromium to run: the one that CLUSTERPROOF_CHROMIUM names, the one on the PATH, else Debian's, which is installed.
 * @throws {UserError} where there is none
 */
async function chromiumFile(say: (line: string) => void): Promise<string> {
  const found = foundChromium()
  if (found !== undefined) return found
  if (!isRoot() || !isDebian()) {
    throw new UserError('there is no Chromium to open the report with', {
      hint: 'Install one (on Debian: sudo apt-get install chromium), or name it with CLUSTERPROOF_CHROMIUM=/path/of/chromium.',
    })
  }
  say("chromium: installing Debian's")
  try {
    await run(path.join(projectFolder, 'setup.d/chromium'), [], { timeoutMs: installLimitMs })
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    throw new UserError(`Debian's chromium could not be installed: ${cause.message}`, {
      hint: 'apt-get install chromium says why; or name a Chromium with CLUSTERPROOF_CHROMIUM.',
      cause,
    })
  }
  const installed = foundChromium()
  if (installed !== undefined) return installed
  throw new UserError("Debian's chromium is installed, and is not on the PATH", {
    hint: 'Name it: CLUSTERPROOF_CHROMIUM=/usr/bin/chromium npm run test:report',
  })
}

/** @throws {UserError} where CLUSTERPROOF_CHROMIUM names a file that is not there */
export function foundChromium(env: Environment = process.env): string | undefined {
  const named = env['CLUSTERPROOF_CHROMIUM']
  if (named === undefined || named === '')
    return names.map((name) => onPath(name, env)).find((file) => file !== undefined)
  if (existsSync(named)) return path.resolve(named)
  throw new UserError(`CLUSTERPROOF_CHROMIUM names ${named}, and there is no such file`, {
    exitCode: 2,
    hint: 'Name a Chromium or Chrome by its path, or unset CLUSTERPROOF_CHROMIUM.',
  })
}

/** Chromium's sandbox refuses to run as root. */
function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Ubuntu's package of that name is a stub that asks for a snap. */
function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}
