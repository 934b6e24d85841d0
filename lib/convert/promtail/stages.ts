/** Promtail's pipeline stages become `stage.*` blocks. */
import { nearest } from '../../alloy/nearest.ts'
import { messageOf } from '../../errors.ts'
import { parseDuration } from '../../go/duration.ts'
import { compileTemplate } from '../../go/template/gotemplate.ts'
import { alloyFunctions } from '../../go/template/functions/index.ts'
import {
  attribute,
  block,
  expression,
  listAttribute,
  mapAttribute,
  sizeAttribute,
  timeAttribute,
  type Block,
  type Body,
} from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { metricsStage } from './metrics-stage.ts'
import { byteSizeOf } from './read.ts'
import { StageOptions } from './stage-options.ts'
import { isNull, plainOf, type Node } from '../../go/yaml/tree.ts'

/** The body of a stage from its options; it notes in `options.problems` what can't be converted. */
type StageBody = (options: StageOptions, findings: Findings) => Body

/** A stage by its name in Promtail. Weak ones turn numbers into texts and texts into numbers, as Promtail does. */
interface StageRule {
  readonly block: string
  /** The stage takes something other than a map of options, or ignores what it is given. */
  readonly free?: true
  readonly mode?: 'weak'
  readonly body: StageBody
}

const valuesOf: StageBody = (options) => [mapAttribute('values', options.mapOf(options.node))]
const listOf: StageBody = (options) => [
  listAttribute('values', isNull(options.node) ? [] : options.textsOf(options.node)),
]
const empty: StageBody = () => []

const rules: Readonly<Record<string, StageRule>> = {
  cri: { block: 'stage.cri', body: cri },
  decolorize: { block: 'stage.decolorize', free: true, body: empty },
  docker: { block: 'stage.docker', free: true, body: empty },
  drop: { block: 'stage.drop', mode: 'weak', body: drop },
  eventlogmessage: { block: 'stage.eventlogmessage', body: eventLogMessage },
  geoip: { block: 'stage.geoip', body: geoip },
  json: { block: 'stage.json', body: json },
  labelallow: { block: 'stage.label_keep', free: true, body: listOf },
  labeldrop: { block: 'stage.label_drop', free: true, body: listOf },
  labels: { block: 'stage.labels', free: true, body: valuesOf },
  limit: { block: 'stage.limit', mode: 'weak', body: limit },
  logfmt: { block: 'stage.logfmt', body: logfmt },
  match: { block: 'stage.match', body: match },
  multiline: { block: 'stage.multiline', mode: 'weak', body: multiline },
  output: { block: 'stage.output', body: (options) => [attribute('source', options.text('source'))] },
  pack: { block: 'stage.pack', mode: 'weak', body: pack },
  regex: { block: 'stage.regex', body: regex },
  replace: { block: 'stage.replace', body: replace },
  sampling: { block: 'stage.sampling', mode: 'weak', body: sampling },
  static_labels: { block: 'stage.static_labels', free: true, body: valuesOf },
  structured_metadata: { block: 'stage.structured_metadata', free: true, body: metadata },
  template: { block: 'stage.template', body: template },
  tenant: { block: 'stage.tenant', body: tenant },
  timestamp: { block: 'stage.timestamp', body: timestamp },
}

/** The blocks of a `pipeline_stages` list. What can't be converted is an error finding and left out. */
export function stageBlocks(nodes: readonly Node[], findings: Findings): Block[] {
  return nodes.flatMap((node) => stageBlock(node, findings) ?? [])
}

function stageBlock(node: Node, findings: Findings): Block | undefined {
  if (node.kind !== 'map') {
    findings.add('critical', 'a stage must be a map: write its name with a colon after it', node.range)
    return undefined
  }
  const [entry, more] = node.entries
  if (entry === undefined || more !== undefined) {
    findings.add('critical', `a stage needs exactly one name, found ${node.entries.length}`, node.range)
    return undefined
  }
  const { key, keyRange, value } = entry
  if (key === 'metrics') return metricsStage(value, findings)
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (rule === undefined) {
    const near = nearest(key, [...Object.keys(rules), 'metrics'])
    const hint = near === undefined ? '' : `. Did you mean ${near}?`
    findings.add('error', `there is no stage "${key}" to convert to${hint}`, keyRange)
    return undefined
  }
  return convertStage(key, rule, value, findings)
}

function convertStage(name: string, rule: StageRule, node: Node, findings: Findings): Block | undefined {
  const options = new StageOptions(node, rule.mode)
  if (rule.free !== true) options.expectMap()
  const body = rule.body(options, findings)
  const { problems } = options
  if (problems.length === 0) return block(rule.block, body)
  findings.add('error', `${name}: ${problems.map(({ message }) => message).join('; ')}`, problems[0]?.range)
  return undefined
}

function cri(options: StageOptions): Body {
  return [
    attribute('max_partial_lines', options.int('max_partial_lines') || 100, 100),
    attribute('max_partial_line_size', options.int('max_partial_line_size'), 0),
    attribute('max_partial_line_size_truncate', options.bool('max_partial_line_size_truncate'), false),
  ]
}

function drop(options: StageOptions): Body {
  const longer = options.maybeText('longer_than')
  const bytes = longer === undefined ? 0 : byteSizeOf(longer)
  if (bytes === undefined)
    options.refuse('longer_than', `longer_than must be a size such as "8kb", found "${longer}"`)
  return [
    attribute('drop_counter_reason', options.text('drop_counter_reason'), ''),
    attribute('source', sourcesOf(options), ''),
    attribute('value', options.text('value'), ''),
    attribute('separator', options.text('separator'), ''),
    attribute('expression', options.text('expression'), ''),
    timeAttribute('older_than', timeOf(options, 'older_than'), 0),
    sizeAttribute('longer_than', bytes ?? 0, 0),
  ]
}

/** The `source` of a drop stage: one name or several, which are joined. */
function sourcesOf(options: StageOptions): string {
  const node = options.at('source')
  if (node === undefined) return ''
  const nodes = node.kind === 'list' ? node.items : [node]
  const names = nodes.map((item) => {
    const plain = item.kind === 'scalar' ? plainOf(item) : undefined
    return plain?.kind === 'text' ? String(plain.value) : undefined
  })
  if (names.includes(undefined)) options.refuse('source', 'source must be a string or a list of strings')
  return names.join(',')
}

/** The nanoseconds of an option, 0 if it isn't given. */
function timeOf(options: StageOptions, name: string): number {
  const written = options.maybeText(name)
  if (written === undefined) return 0
  const ns = parseDuration(written)
  if (ns === undefined) options.refuse(name, `${name} must be a duration such as "10m", found "${written}"`)
  return ns ?? 0
}

function eventLogMessage(options: StageOptions): Body {
  return [
    attribute('source', options.maybeText('source'), 'message'),
    attribute('drop_invalid_labels', options.bool('drop_invalid_labels'), false),
    attribute('overwrite_existing', options.bool('overwrite_existing'), false),
  ]
}

function geoip(options: StageOptions): Body {
  const source = options.maybeText('source')
  return [
    attribute('db', options.text('db')),
    source === undefined ? expression('source', 'null') : attribute('source', source),
    attribute('db_type', options.text('db_type'), ''),
  ]
}

function json(options: StageOptions): Body {
  return [
    mapAttribute('expressions', filled(options.map('expressions'))),
    attribute('source', options.maybeText('source')),
    attribute('drop_malformed', options.bool('drop_malformed'), false),
  ]
}

/** A missing text as an empty one. */
function filled(
  pairs: ReadonlyMap<string, string | undefined> | undefined,
): ReadonlyMap<string, string> | undefined {
  return pairs && new Map([...pairs].map(([key, value]) => [key, value ?? '']))
}

function limit(options: StageOptions): Body {
  return [
    attribute('rate', options.number('rate')),
    attribute('burst', options.int('burst')),
    attribute('drop', options.bool('drop'), false),
    attribute('by_label_name', options.text('by_label_name'), ''),
    attribute('max_distinct_labels', options.int('max_distinct_labels'), 0),
  ]
}

function logfmt(options: StageOptions): Body {
  return [
    mapAttribute('mapping', filled(options.map('mapping'))),
    attribute('source', options.text('source'), ''),
  ]
}

function match(options: StageOptions, findings: Findings): Body {
  const nested = options.at('stages')
  if (nested !== undefined && nested.kind !== 'list') options.refuse('stages', 'stages must be a list')
  return [
    attribute('selector', options.text('selector')),
    ...stageBlocks(nested?.kind === 'list' ? nested.items : [], findings),
    attribute('action', options.text('action'), ''),
    attribute('pipeline_name', options.text('pipeline_name'), ''),
    attribute('drop_counter_reason', options.text('drop_counter_reason'), ''),
  ]
}

function multiline(options: StageOptions, findings: Findings): Body {
  const wait = timeOf(options, 'max_wait_time')
  if (options.at('max_lines') === undefined)
    findings.add(
      'info',
      "multiline: max_lines is not given, and is converted to 0 (no limit) as Alloy's converter does; Promtail's default is 128",
      options.node.range,
    )
  return [
    attribute('firstline', options.text('firstline')),
    attribute('max_lines', options.int('max_lines'), 128),
    // Zero would be refused when the config is loaded; without it the default of both, 3 seconds, counts.
    wait === 0 ? undefined : timeAttribute('max_wait_time', wait, 3e9),
  ]
}

function pack(options: StageOptions, findings: Findings): Body {
  const ingest = options.maybeBool('ingest_timestamp')
  if (ingest === undefined)
    findings.add(
      'info',
      "pack: ingest_timestamp is not given, and is converted to false as Alloy's converter does; Promtail's default is true",
      options.node.range,
    )
  return [
    listAttribute('labels', options.texts('labels') ?? []),
    attribute('ingest_timestamp', ingest ?? false, true),
  ]
}

function regex(options: StageOptions): Body {
  return [
    attribute('expression', options.text('expression')),
    attribute('source', options.maybeText('source')),
  ]
}

function replace(options: StageOptions): Body {
  return [
    attribute('expression', options.text('expression')),
    attribute('source', options.text('source'), ''),
    attribute('replace', options.text('replace'), ''),
  ]
}

function sampling(options: StageOptions): Body {
  return [
    attribute('drop_counter_reason', options.maybeText('drop_counter_reason'), 'sampling_stage'),
    attribute('rate', options.number('rate')),
  ]
}

function metadata(options: StageOptions): Body {
  return isNull(options.node) ? [] : [mapAttribute('values', options.mapOf(options.node))]
}

function template(options: StageOptions): Body {
  const text = options.text('template')
  try {
    compileTemplate(text, alloyFunctions())
  } catch (error) {
    options.refuse('template', messageOf(error))
  }
  return [attribute('source', options.text('source')), attribute('template', text)]
}

function tenant(options: StageOptions): Body {
  return [
    attribute('label', options.text('label'), ''),
    attribute('source', options.text('source'), ''),
    attribute('value', options.text('value'), ''),
  ]
}

function timestamp(options: StageOptions): Body {
  return [
    attribute('source', options.text('source')),
    attribute('format', options.text('format')),
    listAttribute('fallback_formats', options.texts('fallback_formats')),
    attribute('location', options.maybeText('location')),
    attribute('action_on_failure', options.text('action_on_failure'), ''),
  ]
}
