import { formatDuration } from '../../harness/duration.ts'
import { printable } from '../../reports/printable.ts'
import { shownPath } from '../command.ts'
import type { DirectoryLeak, ScanResult } from './directory.ts'

/** `reports/out/run.log:3:17: password, in base64`: where it is, and nothing of what it is like. */
export function leakLine({ file, line, column, kind, within }: DirectoryLeak): string {
  const wrapped = within.length === 0 ? '' : `, in ${within.toReversed().join(' in ')}`
  return `${printable(shownPath(file))}:${line}:${column}: ${kind}${wrapped}`
}

/** What a scan came to, a line each; the last one says it all. */
export function scanText({ files, bytes, leaks, found, unread }: ScanResult, tookMs: number): string {
  const looked = `${files} ${files === 1 ? 'file' : 'files'}, ${(bytes / 1e6).toFixed(1)} MB, ${formatDuration(tookMs)}`
  const lines = [
    ...leaks.map(leakLine),
    ...(found > leaks.length ? [`and ${found - leaks.length} more in the same files`] : []),
    ...unread.map(({ file, why }) => `${printable(shownPath(file))}: not looked into: ${printable(why)}`),
  ]
  const counts = [
    found === 0 ? 'nothing secret found' : `${found} ${found === 1 ? 'secret' : 'secrets'} found`,
    ...(unread.length === 0 ? [] : [`${unread.length} not looked into`]),
  ]
  return [...lines, `${counts.join(', ')} (${looked})`].join('\n')
}

/** 1: something secret is there. 3: nobody can say, because something could not be looked into. */
export function scanExitCode({ found, unread }: Pick<ScanResult, 'found' | 'unread'>): 0 | 1 | 3 {
  if (found > 0) return 1
  return unread.length > 0 ? 3 : 0
}
