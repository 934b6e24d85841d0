/** Promtail's `metrics` stage: a map of metrics becomes one block for each, in the order of their names. */
import { compareText } from '../../go/strings/order.ts'
import { parseDuration } from '../../go/duration.ts'
import {
  attribute,
  block,
  expression,
  listText,
  timeAttribute,
  type Attribute,
  type Block,
  type Body,
} from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { StageOptions } from './stage-options.ts'
import { isNull, nowhere, type MapEntry, type Node } from '../../go/yaml/tree.ts'

const defaultIdle = 300e9
const counterActions = ['inc', 'add']
const gaugeActions = ['set', 'inc', 'dec', 'add', 'sub']

/** The `stage.metrics` block; undefined (and an error among the findings) if a metric isn't as it must be. */
export function metricsStage(node: Node, findings: Findings): Block | undefined {
  if (node.kind !== 'map' && !isNull(node)) {
    findings.add('error', 'metrics: expected a map of metrics', node.range)
    return undefined
  }
  const entries = node.kind === 'map' ? node.entries : []
  const blocks: Block[] = []
  for (const entry of entries.toSorted((a, b) => compareText(a.key, b.key))) {
    const metric = metricBlock(entry, findings)
    if (metric === 'refused') return undefined
    if (metric !== undefined) blocks.push(metric)
  }
  return block('stage.metrics', blocks)
}

function metricBlock({ key, keyRange, value }: MapEntry, findings: Findings): Block | 'refused' | undefined {
  const options = new StageOptions(value).expectMap()
  const type = options.text('type').toLowerCase()
  const details = new StageOptions(options.at('config') ?? nowhere).expectMap()
  const head = headOf(key, options)
  const body = [...head, ...detailsOf(type, details)]
  const [problem] = [...options.problems, ...details.problems]
  if (problem !== undefined) {
    findings.add('error', `metric ${key}: ${problem.message}`, problem.range)
    return 'refused'
  }
  if (!['counter', 'gauge', 'histogram'].includes(type)) {
    findings.add('info', `metric ${key} is left out: its type is not counter, gauge or histogram`, keyRange)
    return undefined
  }
  return block(`metric.${type}`, body)
}

function headOf(name: string, options: StageOptions): Body {
  const written = options.maybeText('max_idle_duration')
  const idle = written === undefined ? 0 : parseDuration(written)
  if (idle === undefined)
    options.refuse(
      'max_idle_duration',
      `max_idle_duration must be a duration such as "10m", found "${written}"`,
    )
  return [
    attribute('name', name),
    attribute('description', options.text('description'), ''),
    attribute('source', options.text('source'), ''),
    attribute('prefix', options.text('prefix'), ''),
    // Zero would be refused when the config is loaded; without it the default of both, 5 minutes, counts.
    idle === undefined || idle === 0 ? undefined : timeAttribute('max_idle_duration', idle, defaultIdle),
  ]
}

function detailsOf(type: string, details: StageOptions): Body {
  if (type === 'histogram')
    return [
      attribute('value', details.text('value'), ''),
      expression('buckets', listText(details.numbers('buckets'))),
    ]
  if (type === 'gauge')
    return [attribute('value', details.text('value'), ''), actionOf(details, gaugeActions)]
  return type === 'counter' ? counterOf(details) : []
}

function actionOf(details: StageOptions, allowed: readonly string[]): Attribute | undefined {
  const action = details.text('action').toLowerCase()
  if (!allowed.includes(action)) details.refuse('action', `action must be one of ${allowed.join(', ')}`)
  return attribute('action', action)
}

function counterOf(details: StageOptions): Body {
  const action = actionOf(details, counterActions)
  const value = details.maybeText('value')
  const all = details.bool('match_all')
  const bytes = details.bool('count_entry_bytes')
  if (all && value !== undefined) details.refuse('value', 'give only one of match_all and value')
  if (bytes && !all) details.refuse('count_entry_bytes', 'count_entry_bytes needs match_all')
  if (bytes && details.text('action').toLowerCase() !== 'add')
    details.refuse('count_entry_bytes', 'count_entry_bytes needs the action add')
  return [
    attribute('value', value ?? '', ''),
    action,
    attribute('match_all', all, false),
    attribute('count_entry_bytes', bytes, false),
  ]
}
