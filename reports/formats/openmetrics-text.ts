/** A sample of a metric, as a reader of OpenMetrics text has it. */
export interface ReadSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/
const realNumber = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan)$/i

/**
 * Reads OpenMetrics 1.0 text of gauges, as strictly as its specification is: the descriptions of a family before its
 * samples, each once; no family twice; no label set twice; `# EOF` and a line end at the end, and nothing after it. For tests.
 * @throws {SyntaxError} with the line that breaks a rule
 */
export function readOpenMetrics(text: string): ReadSample[] {
  const end = '\n# EOF\n'
  if (!`\n${text}`.endsWith(end)) throw new SyntaxError('no # EOF and line end at the end')
  const samples: ReadSample[] = []
  const families = new Set<string>()
  const seen = new Set<string>()
  let family = ''
  let described = new Set<string>()
  for (const line of `\n${text}`.slice(1, -end.length).split('\n')) {
    if (line === '' && text === '# EOF\n') break
    const [, keyword, name = ''] = /^# (TYPE|UNIT|HELP) (\S+) .+$/.exec(line) ?? []
    if (keyword !== undefined) {
      if (name !== family) {
        require(!families.has(name), line, 'a family that was there before')
        families.add(name)
        family = name
        described = new Set()
      }
      require(!described.has(keyword) && !described.has('samples'), line, 'described twice, or after its samples')
      described.add(keyword)
      if (keyword === 'TYPE') require(line === `# TYPE ${name} gauge`, line, 'no gauge')
      if (keyword === 'UNIT') require(name.endsWith(`_${line.split(' ')[3]}`), line, 'a unit that its name lacks')
      if (keyword === 'HELP') require(/^(?:[^"\\]|\\[\\n"])*$/.test(line), line, 'not escaped')
      continue
    }
    const sample = readSample(line)
    require(sample.name === family && described.has('TYPE'), line, 'a sample outside its family')
    described.add('samples')
    const identity = JSON.stringify([sample.name, ...Object.entries(sample.labels).toSorted()])
    require(!seen.has(identity), line, 'a label set that was there before')
    seen.add(identity)
    samples.push(sample)
  }
  return samples
}

function readSample(line: string): ReadSample {
  const [, name = '', inner = '', value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? []
  require(metricName.test(name), line, 'no name of a metric')
  require(realNumber.test(value), line, 'no number')
  const labels: Record<string, string> = {}
  let rest = inner
  while (rest !== '') {
    const [pair, label = '', text = '', comma] = labelPair.exec(rest) ?? []
    require(pair !== undefined && !Object.hasOwn(labels, label), line, 'no label, or twice the same')
    labels[label] = text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
    rest = rest.slice(pair?.length)
    require(comma === '' || rest !== '', line, 'a comma at the end')
  }
  return { name, labels, value: Number(value) }
}

function require(holds: boolean, line: string, what: string): void {
  if (!holds) throw new SyntaxError(`${what}: ${JSON.stringify(line)}`)
}
