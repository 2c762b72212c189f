import { isDeepStrictEqual } from 'node:util'

import { parseDefinition } from '../../harness/definition-file.ts'
import { clusterConstants } from '../../harness/providers/constants.ts'
import { type ClusterDefinition, startOrder, warnings } from '../../harness/topology.ts'
import { UserError } from '../../harness/user-error.ts'
import { campaign } from './campaign.ts'
import { definitionTexts } from './definition-texts.ts'

const file = 'fuzzed.yaml'

/** `npm run fuzz`: anything that a user may give to `--cluster`. */
export const definitions = campaign({
  name: 'definitions',
  subject: 'cluster definitions, YAML and JSON',
  share: 0.5,
  inputs: definitionTexts,
  check: checkDefinition,
})

/** A definition is read, and then means the same however it is written, or it is refused in words that help. */
export function checkDefinition(text: string): void {
  let definition: ClusterDefinition
  try {
    definition = parseDefinition(text, file)
  } catch (error) {
    checkRefusal(error, text)
    return
  }
  const written = JSON.stringify(definition)
  const again = JSON.stringify(parseDefinition(written, file))
  // The order of fields means nothing.
  if (!isDeepStrictEqual(JSON.parse(again), JSON.parse(written))) {
    throw new Error('it is another one when it is read again')
  }
  if (startOrder(definition.nodes) === null) throw new Error('its nodes can never be started')
  for (const value of Object.values(clusterConstants(definition, definition.kubelet))) {
    if (!Number.isFinite(value)) throw new Error('a constant of it is no number')
  }
  for (const warning of warnings(definition)) checkLine(warning)
}

function checkRefusal(error: unknown, text: string): void {
  if (!(error instanceof UserError))
    throw new Error('it ends in an error that is none of the project', { cause: error })
  if (error.exitCode !== 2 || error.hint === '') throw new Error('it is not said to be wrong usage, or not what to do')
  const lines = error.message.split('\n')
  if (lines.length > 21) throw new Error(`it is refused in ${lines.length} lines`)
  for (const line of lines) checkLine(line)
  const places = lines.filter((line) => !/^and \d+ more$/.test(line))
  const last = text.split('\n').length
  for (const line of places) {
    const [, row] = /^fuzzed\.yaml:(\d+):\d+: ./.exec(line) ?? []
    if (row === undefined) throw new Error(`it is not said where or what: ${line}`)
    if (Number(row) < 1 || Number(row) > last) throw new Error(`there is no line ${row}: ${line}`)
  }
}

function checkLine(line: string): void {
  // oxlint-disable-next-line no-control-regex -- a terminal would obey them
  if (line.length > 400 || /[\u0000-\u001f\u007f-\u009f]/.test(line))
    throw new Error(`a terminal cannot show ${JSON.stringify(line)}`)
  if (/call stack|is not a function|undefined \(reading|is not iterable/.test(line))
    throw new Error(`says nothing to a user: ${line}`)
}
