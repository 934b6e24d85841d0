/**
 * The format of rule tests: that of promtool (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/),
 * with lines of streams for its series. Times are in milliseconds.
 */
import { parseLabels } from '../../formats/label-text.ts'
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { parseYaml, type Node } from '../../go/yaml/tree.ts'
import type { MetricExpression } from '../../logql/syntax/ast.ts'
import { FieldReader } from '../file/fields.ts'
import { Problems } from '../file/problems.ts'
import { queryOf } from '../file/read-rules.ts'
import { sorted, type Labels } from '../rule.ts'

export interface TestFile {
  /** Relative to the test file. */
  readonly ruleFiles: readonly string[]
  readonly evaluationMs: number
  readonly tests: readonly RuleTest[]
}

export interface RuleTest {
  readonly name: string
  /** Of Unix time; all other times count from here. */
  readonly startMs: number
  readonly streams: readonly TestStream[]
  readonly alerts: readonly AlertCase[]
  readonly expressions: readonly ExpressionCase[]
  readonly externalLabels: Labels
  readonly externalUrl: string
}

export interface TestStream {
  readonly labels: Labels
  readonly lines: readonly TestLine[]
}

export interface TestLine {
  readonly line: string
  readonly atMs: number
  /** Time between repetitions. */
  readonly everyMs: number
  readonly times: number
  readonly metadata: Labels
}

export interface ExpectedAlert {
  readonly labels: Labels
  readonly annotations: Labels
}

/** A case with the place that its failure is reported at. */
interface Case {
  readonly node: Node
  readonly atMs: number
}

export interface AlertCase extends Case {
  readonly alertname: string
  readonly expected: readonly ExpectedAlert[]
}

export interface ExpressionCase extends Case {
  readonly text: string
  readonly query: MetricExpression
  readonly expected: readonly { readonly labels: Labels; readonly value: number }[]
}

export interface TestFileRead {
  readonly file: TestFile
  /** Takes what is found to be wrong when the tests run, too. */
  readonly problems: Problems
}

const TEST_FIELDS = [
  'name',
  'start_timestamp',
  'input_streams',
  'alert_rule_test',
  'logql_expr_test',
  'external_labels',
  'external_url',
]

const MINUTE_MS = 60_000
/** Lines of one stream. */
const MOST_LINES = 1_000_000

/** Reads a file of tests. Never throws: what is wrong is in `problems`. */
export function readTests(name: string, text: string): TestFileRead {
  const problems = new Problems({ name, text })
  const { root, problems: yaml } = parseYaml(text)
  for (const { message, range } of yaml) problems.add(range.start, message)
  const fields = new FieldReader(
    root,
    'a file of rule tests',
    ['rule_files', 'evaluation_interval', 'tests'],
    problems,
  )
  const evaluationMs = fields.duration('evaluation_interval') ?? MINUTE_MS
  return {
    problems,
    file: {
      ruleFiles: fields.list('rule_files').flatMap((node) => {
        if (node.kind === 'scalar') return [node.text]
        problems.at(node, 'rule_files: expected the name of a file')
        return []
      }),
      evaluationMs: evaluationMs === 0 ? MINUTE_MS : evaluationMs,
      tests: fields.list('tests').map((node, i) => testOf(node, i, problems)),
    },
  }
}

function testOf(node: Node, index: number, problems: Problems): RuleTest {
  const fields = new FieldReader(node, 'a test', TEST_FIELDS, problems)
  return {
    name: fields.text('name') || `test ${index + 1}`,
    startMs: startOf(fields),
    streams: fields.list('input_streams').map((each) => streamOf(each, problems)),
    alerts: fields.list('alert_rule_test').map((each) => alertCase(each, problems)),
    expressions: fields.list('logql_expr_test').flatMap((each) => expressionCase(each, problems)),
    externalLabels: fields.labels('external_labels'),
    externalUrl: fields.text('external_url'),
  }
}

// Seconds of Unix time, or RFC 3339.
function startOf(fields: FieldReader): number {
  const text = fields.text('start_timestamp')
  if (/^\d*$/.test(text)) return Number(text) * 1000
  const found = parseRfc3339(text)
  if (found !== undefined) return found.seconds * 1000 + Math.floor(found.nanos / 1e6)
  fields.problems.at(
    fields.get('start_timestamp')!,
    `start_timestamp: expected a time such as 2026-01-05T10:00:00Z, or seconds since 1970, found "${text}"`,
  )
  return 0
}

function streamOf(node: Node, problems: Problems): TestStream {
  const fields = new FieldReader(node, 'an input stream', ['labels', 'lines'], problems)
  return {
    labels: labelsOf(fields, 'labels'),
    lines: fields.list('lines').map((each) => lineOf(each, problems)),
  }
}

function lineOf(node: Node, problems: Problems): TestLine {
  const once = { atMs: 0, everyMs: 0, times: 1, metadata: {} }
  if (node.kind === 'scalar') return { line: node.text, ...once }
  const names = ['line', 'at', 'every', 'times', 'structured_metadata']
  const fields = new FieldReader(node, 'a line', names, problems)
  const times = fields.has('times') ? fields.count('times') : 1
  if (times > MOST_LINES) problems.at(fields.get('times')!, `times: at most ${MOST_LINES}`)
  if (times > 1 && !fields.has('every'))
    fields.refuse('a line with "times" needs "every", the time between them')
  return {
    line: fields.text('line'),
    atMs: fields.duration('at') ?? 0,
    everyMs: fields.duration('every') ?? 0,
    times: Math.min(times, MOST_LINES),
    metadata: fields.labels('structured_metadata'),
  }
}

function alertCase(node: Node, problems: Problems): AlertCase {
  const fields = new FieldReader(node, 'an alert test', ['eval_time', 'alertname', 'exp_alerts'], problems)
  const alertname = fields.text('alertname')
  if (alertname === '') fields.refuse('an alert test needs "alertname"')
  return {
    node,
    atMs: fields.duration('eval_time') ?? 0,
    alertname,
    expected: fields.list('exp_alerts').map((each) => {
      const alert = new FieldReader(each, 'an expected alert', ['exp_labels', 'exp_annotations'], problems)
      return {
        labels: sorted({ ...alert.labels('exp_labels'), alertname }),
        annotations: sorted(alert.labels('exp_annotations')),
      }
    }),
  }
}

function expressionCase(node: Node, problems: Problems): ExpressionCase[] {
  const fields = new FieldReader(node, 'an expression test', ['expr', 'eval_time', 'exp_samples'], problems)
  const expression = fields.scalar('expr')
  if (expression === undefined) fields.refuse('an expression test needs "expr"')
  const query = expression === undefined ? undefined : queryOf(expression, problems)
  if (query === undefined) return []
  const expected = fields.list('exp_samples').map((each) => {
    const sample = new FieldReader(each, 'an expected sample', ['labels', 'value'], problems)
    if (!sample.has('value')) sample.refuse('an expected sample needs "value"')
    return { labels: labelsOf(sample, 'labels'), value: sample.number('value') ?? 0 }
  })
  return [{ node, atMs: fields.duration('eval_time') ?? 0, text: expression!.text.trim(), query, expected }]
}

// As a map, or as the text of a selector.
function labelsOf(fields: FieldReader, name: string): Labels {
  const node = fields.get(name)
  if (node?.kind !== 'scalar') return sorted(fields.labels(name))
  const pairs = parseLabels(node.text)
  if (pairs !== undefined) return sorted(Object.fromEntries(pairs))
  fields.problems.at(node, `${name}: expected labels such as {app="a"}, found "${node.text}"`)
  return {}
}
