import { command, parse } from './command.ts'
import { dependencies, licenceLines } from './dependencies.ts'
import { main } from './main.ts'

interface Flags {
  readonly all?: boolean
}

/** `npm run licences`: prints the licences of all npm packages that the project brings. Returns the exit code. */
async function licences(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    command(
      'npm run licences',
      'Prints the licences of the npm packages that the project brings, by package-lock.json.',
    )
      .option('--all', 'each package, with its version')
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return 0
  const all = dependencies()
  const lines =
    flags.all === true
      ? all.map(({ name, version, licence, use }) => `${name} ${version}: ${licence}, ${use}`)
      : licenceLines(all)
  console.log(lines.join('\n'))
  return Promise.resolve(0)
}

await main(licences)
