/**
 * Rule files in Prometheus' format (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/), with
 * LogQL for the expressions. Everything that is wrong is reported at once.
 */
import { validLegacyLabelName, validLegacyMetricName } from '../../telemetry/classic-names.ts'
import { messageOf } from '../../errors.ts'
import { parseYaml, type Node, type ScalarNode } from '../../go/yaml/tree.ts'
import type { MetricExpression } from '../../logql/syntax/ast.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { parseExpression } from '../../logql/syntax/parse.ts'
import { compileText } from '../alerting/template.ts'
import { sorted, type Labels, type Rule, type RuleGroup } from '../rule.ts'
import { FieldReader } from './fields.ts'
import { Problems, type Problem } from './problems.ts'

export interface RulesRead {
  readonly groups: readonly RuleGroup[]
  readonly problems: readonly Problem[]
}

const GROUP_FIELDS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules']
const RULE_FIELDS = ['alert', 'record', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations']

/** Reads a file of `groups`. Never throws; with problems, `groups` holds what could be read. */
export function readRules(file: string, text: string): RulesRead {
  return read(file, text, (root, problems) => {
    const fields = new FieldReader(root, 'a rule file', ['groups'], problems)
    const groups = fields.list('groups').map((node) => groupOf(node, {}, problems))
    const names = new Set<string>()
    for (const [i, { name }] of groups.entries()) {
      if (names.has(name)) problems.at(fields.list('groups')[i]!, `the group "${name}" is there twice`)
      names.add(name)
    }
    return groups
  })
}

/** Reads one group, as the ruler's API takes it. */
export function readGroup(file: string, text: string): RulesRead {
  return read(file, text, (root, problems) => [groupOf(root, {}, problems)])
}

function read(
  name: string,
  text: string,
  groups: (root: Node, problems: Problems) => readonly RuleGroup[],
): RulesRead {
  const problems = new Problems({ name, text })
  const { root, problems: yaml } = parseYaml(text)
  for (const { message, range } of yaml) problems.add(range.start, message)
  if (yaml.length > 0) return { groups: [], problems: problems.sorted() }
  return { groups: groups(root, problems), problems: problems.sorted() }
}

function groupOf(node: Node, none: Labels, problems: Problems): RuleGroup {
  const fields = new FieldReader(node, 'a rule group', GROUP_FIELDS, problems)
  const name = fields.text('name')
  if (name === '') fields.refuse('a rule group needs a name')
  const intervalMs = fields.duration('interval')
  const labels = { ...none, ...labelsOf(fields) }
  return {
    name,
    intervalMs: intervalMs === 0 ? undefined : intervalMs,
    queryOffsetMs: fields.duration('query_offset'),
    limit: fields.count('limit'),
    rules: fields.list('rules').flatMap((each) => ruleOf(each, labels, problems)),
  }
}

function ruleOf(node: Node, ofGroup: Labels, problems: Problems): Rule[] {
  const fields = new FieldReader(node, 'a rule', RULE_FIELDS, problems)
  const alert = fields.text('alert')
  const record = fields.text('record')
  if ((alert === '') === (record === ''))
    fields.refuse(
      alert === '' ? 'a rule needs either "alert" or "record"' : 'a rule has "alert" or "record", not both',
    )
  const labels = sorted({ ...ofGroup, ...labelsOf(fields) })
  const expression = fields.scalar('expr')
  if (expression === undefined) fields.refuse('a rule needs "expr", a LogQL query')
  const query = expression === undefined ? undefined : queryOf(expression, problems)
  const annotations = annotationsOf(fields)
  const forMs = fields.duration('for') ?? 0
  const keepFiringMs = fields.duration('keep_firing_for') ?? 0
  if (record !== '') checkRecording(fields, record)
  else checkTemplates(fields)
  if (query === undefined) return []
  const base = { text: expression!.text.trim(), query, labels }
  return record === ''
    ? [{ kind: 'alerting', name: alert, ...base, forMs, keepFiringMs, annotations }]
    : [{ kind: 'recording', name: record, ...base }]
}

/** The query of an expression; `undefined` when there is something wrong with it, which is reported. */
export function queryOf(node: ScalarNode, problems: Problems): MetricExpression | undefined {
  try {
    const query = parseExpression(node.text)
    if (query.kind !== 'log') return query
    problems.at(
      node,
      'expr: expected a metric such as sum(count_over_time({app="a"}[5m])) > 0, found a query for lines',
    )
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    problems.inside(node, error.offset ?? 0, `expr: ${error.message}`)
  }
  return undefined
}

function checkRecording(fields: FieldReader, record: string): void {
  for (const name of ['for', 'keep_firing_for', 'annotations'])
    if (fields.has(name)) fields.problems.at(fields.get(name)!, `a recording rule has no "${name}"`)
  if (!validLegacyMetricName(record))
    fields.problems.at(
      fields.get('record')!,
      `record: expected the name of a metric such as app:errors:rate5m, found "${record}"`,
    )
}

// Templates are compiled when the rule runs, too; here only their mistakes count.
function checkTemplates(fields: FieldReader): void {
  for (const name of ['labels', 'annotations'])
    for (const [key, node] of fields.texts(name))
      try {
        compileText(node.text)
      } catch (error) {
        fields.problems.at(node, `${name}: ${key}: ${messageOf(error)}`)
      }
}

function labelsOf(fields: FieldReader): Labels {
  for (const [key, , at] of fields.texts('labels'))
    if (!validLegacyLabelName(key) || key === '__name__')
      fields.problems.add(at, `labels: invalid name "${key}"`)
  return fields.labels('labels')
}

function annotationsOf(fields: FieldReader): Labels {
  for (const [key, , at] of fields.texts('annotations'))
    if (!validLegacyLabelName(key)) fields.problems.add(at, `annotations: invalid name "${key}"`)
  return sorted(fields.labels('annotations'))
}
