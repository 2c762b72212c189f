import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { shellQuoted } from '../nodes/word-reader.ts'
import { runLabel } from '../run.ts'

/**
 * Writes a `docker` that kind finds first on its PATH, and returns its directory. kind has no options for what it
 * passes to `docker run`; this adds what the suite needs there and leaves every other call alone:
 * the run's label on the container and on its anonymous /var volume, so that a sweep finds them, and a restart policy
 * without a maximum (kind's own allows one restart, so that the second reboot would leave the node off).
 */
export function writeEngineShim(directory: string, runId: string, docker: string): string {
  mkdirSync(directory, { recursive: true })
  const file = path.join(directory, 'docker')
  writeFileSync(file, shimScript(runId, docker))
  chmodSync(file, 0o755)
  return directory
}

export function shimScript(runId: string, docker: string): string {
  const label = `${runLabel}=${runId}`
  return `#!/bin/sh
[ "$1" = run ] || exec ${shellQuoted(docker)} "$@"
shift
count=$#
while [ "$count" -gt 0 ]; do
	argument=$1
	shift
	count=$((count - 1))
	if [ "$argument" = --volume ] && [ "$1" = /var ]; then
		shift
		count=$((count - 1))
		set -- "$@" --mount 'type=volume,dst=/var,volume-label=${label}'
		continue
	fi
	case $argument in --restart=*) argument=--restart=on-failure ;; esac
	set -- "$@" "$argument"
done
exec ${shellQuoted(docker)} run --label '${label}' "$@"
`
}
