/** An explanation as text: what changed at each stage, with carets under a pattern and a line that parted ways. */
import { styleText } from 'node:util'
import { blanksFor, caretsFor, visible } from './columns.ts'
import type { RegexMiss, SelectorPart, Snapshot, StageStep } from './explain.ts'
import type { RegexProgress } from './regex-progress.ts'

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export interface RenderOptions {
  readonly colour: boolean
}

interface Pen {
  (format: Format, text: string): string
}

/** The steps of one entry, from how it came in to how it went out. */
export function renderSteps(start: Snapshot, steps: readonly StageStep[], { colour }: RenderOptions): string {
  const pen: Pen = (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text)
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
    ...differences(before, entry, pen),
  ])
  lines.push(...metrics.map((text) => `   ${'metric'.padEnd(9)} ${pen('green', text)}`))
  return lines.length === 0 ? [`   ${pen('dim', 'no change')}`] : lines
}

function differences(before: Snapshot, after: Snapshot, pen: Pen): string[] {
  const lines: string[] = []
  if (before.line !== after.line) lines.push(`   line      ${visible(after.line)}`)
  if (before.timestamp !== after.timestamp)
    lines.push(`   time      ${before.timestamp} -> ${after.timestamp}`)
  lines.push(...mapDifferences('label', before.labels, after.labels, pen))
  lines.push(...mapDifferences('metadata', before.structured_metadata, after.structured_metadata, pen))
  lines.push(...mapDifferences('extracted', before.extracted, after.extracted, pen))
  return lines
}

function mapDifferences(
  name: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  pen: Pen,
): string[] {
  const lines: string[] = []
  for (const key of Object.keys({ ...before, ...after }).sort()) {
    const [was, is] = [before[key], after[key]]
    if (Object.is(was, is)) continue
    const label = `   ${name.padEnd(9)} `
    if (is === undefined) lines.push(`${label}${pen('red', `- ${key}=${JSON.stringify(was)}`)}`)
    else
      lines.push(
        `${label}${pen('green', `+ ${key}=${JSON.stringify(is)}`)}${was === undefined ? '' : pen('dim', ` (was ${JSON.stringify(was)})`)}`,
      )
  }
  return lines
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`
}
