import { printable } from './printable.ts'

/**
 * The picture with its name and title. Null: there is nothing to show, or it cannot be drawn, which is said on stderr: the
 * rest of a report is worth more than one picture.
 */
export async function attempt<Name extends string>(
  name: Name,
  title: string,
  picture: (title: string) => Promise<string | null>,
  warn: (message: string) => void = (message) => console.error(message),
): Promise<{ readonly name: Name; readonly title: string; readonly svg: string } | null> {
  try {
    const svg = await picture(title)
    return svg === null ? null : { name, title, svg }
  } catch (error) {
    warn(printable(`warning: left out, because it cannot be drawn: ${title}: ${String(error)}`))
    return null
  }
}
