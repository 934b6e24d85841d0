/** What differs between an expectation and a result, as lines a person can read. */
import { formatRfc3339Nano, parseRfc3339 } from '../go/rfc3339.ts'
import { align } from './align.ts'
import type { TestCase, TestEntry } from './case.ts'
import type { CaseRefusal, CaseResult } from './run-case.ts'

/** The differences, one a line; empty when the case holds. */
export function compareCase(test: TestCase, result: CaseResult | CaseRefusal): string[] {
  if ('refused' in result) return compareRefusal(test, result.refused)
  if (test.expect_error !== undefined) return ['expected the pipeline to be refused, but it was built']
  const { entries, metrics, internal_metrics } = test.expect ?? {}
  const differences = entries === undefined ? [] : compareEntries(entries, result.entries)
  if (metrics !== undefined || (entries !== undefined && internal_metrics === undefined))
    differences.push(...compareText('metrics', metrics ?? '', result.metrics))
  if (internal_metrics !== undefined)
    differences.push(...compareText('internal metrics', internal_metrics, result.internal_metrics))
  if (result.ledger !== '') differences.push(result.ledger)
  return differences
}

function compareRefusal(test: TestCase, refused: string): string[] {
  if (test.expect_error === undefined) return ['the pipeline was refused:', ...refused.split('\n')]
  if (typeof test.expect_error !== 'string' || refused.includes(test.expect_error)) return []
  return [`expected an error with ${JSON.stringify(test.expect_error)}, found:`, ...refused.split('\n')]
}

/** The differences of two lists of entries. */
export function compareEntries(expected: readonly TestEntry[], found: readonly TestEntry[]): string[] {
  const same = (a: TestEntry, b: TestEntry): boolean => compareEntry(0, a, b).length === 0
  return align(expected, found, same).flatMap(({ want, got }) => {
    if (want === undefined) return [`+ entry ${got! + 1} was not expected: ${JSON.stringify(found[got!])}`]
    if (got === undefined) return [`- entry ${want + 1} is missing: ${JSON.stringify(expected[want])}`]
    return compareEntry(got + 1, expected[want]!, found[got]!)
  })
}

function compareEntry(number: number, want: TestEntry, got: TestEntry): string[] {
  const differences: string[] = []
  const differ = (name: string, lines: readonly string[]): void => {
    if (lines.length > 0) differences.push(`  entry ${number}, ${name}:`, ...lines)
  }
  differ('line', changed(JSON.stringify(want.line), JSON.stringify(got.line)))
  if (want.timestamp !== undefined) differ('timestamp', changed(inUtc(want.timestamp), got.timestamp ?? ''))
  differ('labels', compareNames(want.labels ?? {}, got.labels ?? {}))
  differ('structured metadata', compareNames(want.structured_metadata ?? {}, got.structured_metadata ?? {}))
  return differences
}

function changed(want: string, got: string): string[] {
  return want === got ? [] : [`  - ${want}`, `  + ${got}`]
}

// One instant can be written in many ways; results have the one that the recorded cases have.
function inUtc(time: string): string {
  const at = parseRfc3339(time)
  return at === undefined ? time : formatRfc3339Nano(at.seconds, at.nanos)
}

function compareNames(
  want: Readonly<Record<string, string>>,
  got: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(want), ...Object.keys(got)])].sort()
  return names
    .filter((name) => want[name] !== got[name])
    .flatMap((name) => [
      ...(Object.hasOwn(want, name) ? [`  - ${name}=${JSON.stringify(want[name])}`] : []),
      ...(Object.hasOwn(got, name) ? [`  + ${name}=${JSON.stringify(got[name])}`] : []),
    ])
}

/** The differences of two texts, line by line. */
export function compareText(name: string, expected: string, found: string): string[] {
  const want = linesOf(expected)
  const got = linesOf(found)
  const lines = align(want, got, (a, b) => a === b)
    .filter((pair) => pair.want === undefined || pair.got === undefined || want[pair.want] !== got[pair.got])
    .flatMap((pair) => [
      ...(pair.want === undefined ? [] : [`  - ${want[pair.want]}`]),
      ...(pair.got === undefined ? [] : [`  + ${got[pair.got]}`]),
    ])
  return lines.length === 0 ? [] : [`  ${name}:`, ...lines]
}

function linesOf(text: string): string[] {
  return text.trimEnd() === '' ? [] : text.trimEnd().split(/\r?\n/)
}
