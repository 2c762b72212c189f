import { findSecrets } from './find.ts'

/** The text with what is secret in it replaced by what it was: `[password left out]`. */
export function withoutSecrets(text: string): string {
  let kept = ''
  let from = 0
  for (const { kind, start, end } of findSecrets(text)) {
    if (start < from) continue
    kept += `${text.slice(from, start)}[${kind} left out]`
    from = end
  }
  return kept + text.slice(from)
}
