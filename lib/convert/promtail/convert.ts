/** The conversion of a Promtail config into a config of this project, text to text. */
import { positionAt, type Source } from '../../alloy/source.ts'
import { fileText, type Block } from './alloy-text.ts'
import { writeBlock, writeLabel } from './clients.ts'
import { promtailConfig, type PromtailConfig } from './config.ts'
import { Findings, type Finding } from './findings.ts'
import { jobBlocks } from './job.ts'
import { checkOwnServer } from './server.ts'
import { entryOf, parseYaml, type MapNode, type Problem } from '../../go/yaml/tree.ts'

export interface Conversion {
  /** The config in its canonical form, without the parts that findings of `error` are about. */
  readonly text: string
  /** In the order in which they came up. With a critical one among them the text isn't to be used. */
  readonly findings: readonly Finding[]
}

/**
 * Converts Promtail's YAML as `alloy convert --source-format=promtail` does: fields that Promtail doesn't know are
 * refused (one critical finding names all of them), defaults are left out. Where Alloy writes options that it
 * then refuses itself, they are left out too, so that the text loads. Never throws for bad input.
 */
export function convertPromtail(source: Source): Conversion {
  const findings = new Findings(source)
  const { root, problems } = parseYaml(source.text)
  const config = problems.length === 0 ? promtailConfig.read(root, problems) : undefined
  if (config === undefined || problems.length > 0) {
    noteProblems(source, problems, findings)
    return { text: '', findings: findings.all }
  }
  checkTopLevel(config, findings)
  noteVariables(source, findings)
  const blocks = allBlocks(config, findings)
  noteDuplicates(blocks, findings)
  return { text: findings.has('critical') ? '' : fileText(blocks), findings: findings.all }
}

function allBlocks(config: PromtailConfig, findings: Findings): Block[] {
  const single = config.client.url === '' ? [] : [config.client]
  const clients = [...(config.clients ?? []), ...single]
  const maxStreams = config.limits_config.max_streams
  const writers = clients.map((client, index) => writeBlock(client, index, maxStreams, findings))
  const receivers = clients.map((_, index) => `loki.write.${writeLabel(index)}.receiver`)
  const jobs = config.scrape_configs ?? []
  return [...jobs.flatMap((job) => jobBlocks(job, config, `[${receivers.join(', ')}]`, findings)), ...writers]
}

/** The variables of a text. Numbers are groups of regular expressions. */
function variablesIn(text: string): IterableIterator<RegExpExecArray> {
  const bare = text.replaceAll(/^\s*#.*$/gm, (comment) => ' '.repeat(comment.length))
  return bare.matchAll(/\$\{([A-Za-z_]\w*)[^}\n]*\}/g)
}

/** Each variable once, at its first place. */
function noteVariables(source: Source, findings: Findings): void {
  const seen = new Set<string>()
  for (const { 0: written, 1: name, index } of variablesIn(source.text)) {
    if (seen.has(name!)) continue
    seen.add(name!)
    findings.add(
      'warning',
      `${written} is kept as text; if Promtail runs with -config.expand-env, write sys.env("${name!}") in the new config`,
      { start: index, end: index + written.length },
    )
  }
}

/** One finding for all that is wrong with the text; its message holds the places of all but the first. */
function noteProblems(source: Source, problems: readonly Problem[], findings: Findings): void {
  const [first, ...more] = problems.toSorted((a, b) => a.range.start - b.range.start)
  if (first === undefined) return
  const rest = more.map(({ message, range }) => {
    const { line, column } = positionAt(source, range.start)
    return `\n  ${source.name}:${line}:${column}: ${message}`
  })
  const [variable] = variablesIn(source.text)
  const unexpanded =
    variable === undefined
      ? ''
      : `\n  ${variable[0]} isn't expanded: put the value of each variable in its place first`
  findings.add('critical', `${first.message}${rest.join('')}${unexpanded}`, first.range)
}

function checkTopLevel(config: PromtailConfig, findings: Findings): void {
  const place = (node: MapNode, key: string) => entryOf(node, key)?.keyRange
  if (config.wal.enabled)
    findings.add(
      'error',
      'the write-ahead log of clients has no counterpart: set wal.enabled to false',
      place(config.wal.origin, 'enabled'),
    )
  if (config.limits_config.readline_rate_enabled)
    findings.add(
      'warning',
      'readline_rate, readline_burst and readline_rate_drop become a stage.limit in each loki.process: they hold for each job alone, no longer for all together',
      place(config.limits_config.origin, 'readline_rate_enabled'),
    )
  if (config.tracing.enabled)
    findings.add(
      'warning',
      'tracing is not converted: Promtail takes its settings from environment variables',
      place(config.tracing.origin, 'enabled'),
    )
  if (config.target_config.stdin)
    findings.add(
      'error',
      'stdin has no counterpart in a config: pipe into logstream itself (see: logstream pipe --help)',
      place(config.target_config.origin, 'stdin'),
    )
  checkOwnServer(config.server, findings)
}

function noteDuplicates(blocks: readonly Block[], findings: Findings): void {
  const names = new Set<string>()
  for (const { name, label } of blocks) {
    const id = `${name}.${label ?? ''}`
    if (names.has(id))
      findings.add(
        'critical',
        `two components would be named ${id}: give the jobs names that differ in letters or digits`,
      )
    names.add(id)
  }
}
