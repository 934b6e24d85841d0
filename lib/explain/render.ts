/** An explanation as text: what changed at each stage, with carets under a pattern and a line that parted ways. */
import { penOf, type Pen } from '../formats/pen.ts'
import { blanksFor, caretsFor, visible } from './columns.ts'
import { changesBetween, type Change, type Snapshot } from '../flow/snapshot.ts'
import type { RegexMiss, SelectorPart, StageStep } from './explain.ts'
import type { RegexProgress } from './regex-progress.ts'

export interface RenderOptions {
  readonly colour: boolean
}

/** The steps of one entry, from how it came in to how it went out. */
export function renderSteps(start: Snapshot, steps: readonly StageStep[], { colour }: RenderOptions): string {
  const pen = penOf(colour)
  const out = [
    `${pen('dim', 'line    ')}${visible(start.line)}`,
    `${pen('dim', 'labels  ')}${labelText(start.labels)}`,
    '',
  ]
  steps.forEach((step, i) => out.push(...stepLines(step, `${i + 1}`, pen)))
  const last = steps.at(-1)
  const end = last === undefined ? [start] : last.after
  if (last !== undefined && last.outcome !== 'passed')
    out.push(pen('red', `${last.outcome} by stage.${last.stage}${last.reason ? ` (${last.reason})` : ''}`))
  for (const entry of end)
    out.push(
      `${pen('bold', 'result')}  ${visible(entry.line)}`,
      `${pen('dim', 'labels  ')}${labelText(entry.labels)}`,
      `${pen('dim', 'time    ')}${entry.timestamp}`,
    )
  return `${out.join('\n')}\n`
}

function stepLines(step: StageStep, number: string, pen: Pen): string[] {
  const place = step.place === undefined ? '' : pen('dim', `  ${step.place}`)
  const lines = [`${pen('bold', `${number}. stage.${step.stage}`)}${place}`]
  for (const part of step.selector ?? []) lines.push(`   ${selectorLine(part, pen)}`)
  if (step.regex !== undefined) lines.push(...missLines(step.regex, pen))
  step.inner?.forEach((inner, i) =>
    lines.push(...stepLines(inner, `${number}.${i + 1}`, pen).map((line) => `   ${line}`)),
  )
  if (step.inner === undefined) lines.push(...changeLines(step, pen))
  lines.push('')
  return step.inner === undefined
    ? lines
    : lines.filter((line, i) => line.trim() !== '' || i === lines.length - 1)
}

function selectorLine({ part, matched, found }: SelectorPart, pen: Pen): string {
  const value = found === undefined ? '' : pen('dim', `  the label is ${JSON.stringify(found)}`)
  return matched ? `${pen('green', 'matches')}  ${part}${value}` : `${pen('red', 'fails')}    ${part}${value}`
}

function missLines({ pattern, subject, progress }: RegexMiss, pen: Pen): string[] {
  const lines = [`   ${pen('yellow', 'does not match')}`]
  if (progress === undefined)
    return [...lines, `   pattern  ${visible(pattern)}`, `   line     ${visible(subject)}`]
  const part = pattern.slice(progress.from, progress.to)
  const before = subject.slice(0, progress.at)
  return [
    ...lines,
    `   pattern  ${visible(pattern)}`,
    `            ${blanksFor(pattern.slice(0, progress.from))}${pen('red', caretsFor(part))} this part failed`,
    `   line     ${visible(subject)}`,
    `            ${blanksFor(before)}${pen('red', '^')} at character ${[...before].length + 1}${foundText(progress)}`,
  ]
}

function foundText({ found }: RegexProgress): string {
  return found === undefined ? '' : `: found ${JSON.stringify(visible(found))}`
}

function changeLines({ before, after, outcome, reason, metrics = [] }: StageStep, pen: Pen): string[] {
  if (outcome === 'held') return [`   ${pen('yellow', 'held')}: waits for more lines`]
  if (outcome === 'dropped') return [`   ${pen('red', 'dropped')}${reason ? `: ${reason}` : ''}`]
  const lines = after.flatMap((entry, i) => [
    ...(after.length > 1 ? [`   ${pen('yellow', `entry ${i + 1} of ${after.length}`)}`] : []),
    ...changesBetween(before, entry).map((change) => `   ${changeLine(change, pen)}`),
  ])
  lines.push(...metrics.map((text) => `   ${'metric'.padEnd(9)} ${pen('green', text)}`))
  return lines.length === 0 ? [`   ${pen('dim', 'no change')}`] : lines
}

/** A change as a line: `label     + app="a" (was "b")`. */
export function changeLine({ of, name, before, after }: Change, pen: Pen): string {
  const what = of.padEnd(9)
  if (of === 'line') return `${what} ${visible(String(after))}`
  if (of === 'time') return `${what} ${before} -> ${after}`
  const value = (of: Change['after']): string => visible(`${name}=${JSON.stringify(of)}`)
  if (after === undefined) return `${what} ${pen('red', `- ${value(before)}`)}`
  const was = before === undefined ? '' : pen('dim', ` (was ${visible(JSON.stringify(before))})`)
  return `${what} ${pen('green', `+ ${value(after)}`)}${was}`
}

/** Labels as in a query. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => visible(`${name}=${JSON.stringify(value)}`))
    .join(', ')}}`
}
