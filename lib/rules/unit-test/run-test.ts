/** Runs rule tests: the rules are evaluated from the start on, and compared with what is expected. */
import { Turns } from '../../flow/turns.ts'
import { systemClock } from '../../flow/clock.ts'
import { SILENT } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { formatLabels } from '../../formats/label-text.ts'
import { formatFloat } from '../../go/strconv/number.ts'
import { formatPrometheusDuration } from '../../logql/stages/units.ts'
import { samplesAt } from '../evaluate.ts'
import { RunningGroup } from '../group.ts'
import { RulerMetrics } from '../metrics.ts'
import { labelsKey, type Labels, type RuleGroup } from '../rule.ts'
import { messageOf } from '../../errors.ts'
import { MemoryLines } from './memory-lines.ts'
import type { AlertCase, ExpectedAlert, ExpressionCase, RuleTest } from './test-file.ts'
import type { Node } from '../../go/yaml/tree.ts'

/** A case that failed, with where it is written. */
export interface Failure {
  readonly node: Node
  readonly message: string
}

export interface Rules {
  /** Of all rule files. */
  readonly groups: readonly RuleGroup[]
  readonly evaluationMs: number
}

/** Evaluations of one test; a test of a year by the minute. */
const MOST_EVALUATIONS = 600_000

export async function runTest(test: RuleTest, { groups, evaluationMs }: Rules): Promise<readonly Failure[]> {
  const querier = new MemoryLines(test.streams, test.startMs)
  const running = groups.map((group) => runningGroup(group, querier, test))
  const failures: Failure[] = []
  const cases = test.alerts.toSorted((a, b) => a.atMs - b.atMs)
  let next = 0
  for (let i = 0; next < cases.length; i++) {
    const at = i * evaluationMs
    if (i > MOST_EVALUATIONS) {
      failures.push({
        node: cases[next]!.node,
        message: 'eval_time is too far away: take a longer evaluation_interval',
      })
      break
    }
    for (const group of running) {
      await group.evaluate(test.startMs + at)
      const failed = group.rules.find(({ lastError }) => lastError !== '')
      if (failed === undefined) continue
      const when = formatPrometheusDuration(at * 1e6)
      failures.push({
        node: cases[next]!.node,
        message: `${failed.rule.name} at ${when}: ${failed.lastError}`,
      })
      return failures
    }
    // What counts is the evaluation at that time, or the one before it.
    for (; next < cases.length && cases[next]!.atMs < at + evaluationMs; next++)
      failures.push(...checkAlerts(cases[next]!, running))
  }
  for (const each of test.expressions) failures.push(...(await checkExpression(each, querier, test.startMs)))
  return failures
}

function runningGroup(
  group: RuleGroup,
  querier: MemoryLines,
  { externalLabels, externalUrl }: RuleTest,
): RunningGroup {
  return new RunningGroup('test', group, {
    settings: { externalLabels, externalUrl, intervalMs: 60_000, queryOffsetMs: 0, resendMs: 60_000 },
    query: { querier },
    turns: new Turns({ running: 1 }),
    clock: systemClock,
    log: SILENT,
    metrics: new RulerMetrics(Metrics.create(), Metrics.create(), () => []),
    notify: () => {},
    evaluated: () => {},
  })
}

function checkAlerts(
  { node, atMs, alertname, expected }: AlertCase,
  groups: readonly RunningGroup[],
): Failure[] {
  const found = groups
    .flatMap(({ rules }) => rules)
    .filter(({ rule, alerting }) => alerting !== undefined && rule.name === alertname)
    .flatMap(({ alerting }) => alerting!.table.active.filter(({ state }) => state === 'firing'))
  const want = expected.map(alertText).sort()
  const got = found.map(alertText).sort()
  return compared(node, `${alertname} at ${formatPrometheusDuration(atMs * 1e6)}`, want, got)
}

async function checkExpression(
  { node, atMs, text, query, expected }: ExpressionCase,
  querier: MemoryLines,
  startMs: number,
): Promise<Failure[]> {
  const title = `${text} at ${formatPrometheusDuration(atMs * 1e6)}`
  try {
    const samples = await samplesAt(query, startMs + atMs, { querier })
    const values = new Map(samples.map(({ labels, value }) => [labelsKey(labels), value]))
    // The last digits depend on the order of additions.
    const shown = expected.map(({ labels, value }) => {
      const real = values.get(labelsKey(labels))
      return sampleText(labels, real !== undefined && isNear(real, value) ? real : value)
    })
    const got = samples.map(({ labels, value }) => sampleText(labels, value))
    return compared(node, title, shown.sort(), got.sort())
  } catch (error) {
    return [{ node, message: `${title}: ${messageOf(error)}` }]
  }
}

function compared(node: Node, title: string, want: readonly string[], got: readonly string[]): Failure[] {
  if (want.join('\n') === got.join('\n')) return []
  const list = (of: readonly string[]): string =>
    of.length === 0 ? ' none' : of.map((each) => `\n    ${each}`).join('')
  return [{ node, message: `${title}\n  expected:${list(want)}\n  found:${list(got)}` }]
}

function alertText({ labels, annotations }: ExpectedAlert): string {
  const notes = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))
  return labelText(labels) + notes.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('')
}

function sampleText(labels: Labels, value: number): string {
  return `${labelText(labels)} ${formatFloat(value)}`
}

function labelText(labels: Labels): string {
  return formatLabels(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= Math.abs(b) * 1e-9
}
