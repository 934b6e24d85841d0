/** A check's report for people. */
import { visible } from '../explain/columns.ts'
import { labelText } from '../explain/render.ts'
import { penOf, type Pen } from '../formats/pen.ts'
import type { CheckReport, SinkReport } from './report.ts'
import type { LabelFigures } from './streams.ts'

/** How much of an example line is shown. */
const EXAMPLE = 100
const VALUE = 24

export function renderCheck(report: CheckReport, sampleName: string, colour: boolean): string {
  const pen = penOf(colour)
  const { sample, source, sinks, problems } = report
  const fed = sinks.filter(({ entries }) => entries > 0)
  const busy = fed.length === 0 ? sinks : fed
  const first = source.targets > 1 ? ` (of the first of ${source.targets} targets)` : ''
  const lines = [
    `${pen('bold', visible(sampleName))}: ${counted(sample.lines, 'line')}, ${size(sample.bytes)}, as if from ${source.id}`,
    `${pen('dim', 'labels')}  ${labelText(source.labels)}${first}`,
    '',
    ...parsing(report, pen),
    ...dropped(report, pen),
    ...busy.flatMap((sink) => sinkLines(sink, pen)),
    ...(problems.length === 0
      ? [pen('green', 'No label explodes, and no limit of Loki is hit.')]
      : [
          pen('red', counted(problems.length, 'problem')),
          ...problems.map((problem) => `  ${visible(problem)}`),
        ]),
  ]
  return `${lines.join('\n')}\n`
}

function parsing({ parsing: { lines, unread, misfits } }: CheckReport, pen: Pen): string[] {
  if (lines === 0) return []
  return [
    `${pen('bold', 'Not parsed')}  ${counted(unread, 'line')} of ${count(lines)} (${percent(unread, lines)})`,
    ...misfits.flatMap(({ stage, place, reason, entries, of, line, example }) => [
      `  ${stage}${at(place)}: ${reason}: ${count(entries)} of ${count(of)} (${percent(entries, of)}), first line ${line}:`,
      `    ${pen('dim', cut(example, EXAMPLE))}`,
    ]),
    '',
  ]
}

function dropped({ dropped: drops }: CheckReport, pen: Pen): string[] {
  if (drops.length === 0) return []
  const all = drops.reduce((sum, { entries }) => sum + entries, 0)
  return [
    `${pen('bold', 'Dropped')}  ${counted(all, 'entry', 'entries')}`,
    ...drops.map(
      ({ stage, place, reason, entries, line }) =>
        `  ${stage}${at(place)}: ${reason}: ${count(entries)}${line === undefined ? '' : `, first line ${line}`}`,
    ),
    ...(drops.some(({ reason }) => reason.startsWith('ratelimit_drop'))
      ? ['  A rate limit sees the sample as if all of it came at once.']
      : []),
    '',
  ]
}

function sinkLines({ id, entries, bytes, time, streams, labels, refused }: SinkReport, pen: Pen): string[] {
  const day =
    time === undefined
      ? 'no times of their own, so a day cannot be told: see stage.timestamp'
      : `about ${count(round(time.entriesPerDay))} entries and ${size(time.bytesPerDay)} a day, from ${span(time.seconds)} of log`
  const full =
    streams.fullAfterSeconds === undefined
      ? ''
      : `, and ever more: Loki's limit is reached after ${span(streams.fullAfterSeconds)}`
  return [
    `${pen('bold', id)}  ${counted(entries, 'entry', 'entries')}, ${size(bytes)}: ${day}`,
    `${pen('bold', 'Streams')}  ${count(streams.distinct)}${full}`,
    ...labelLines(labels, entries, pen),
    ...(refused.length === 0
      ? []
      : [
          pen('bold', 'Refused'),
          ...refused.map(
            ({ reason, entries: of, line, retried }) =>
              `  ${reason}: ${count(of)}, first line ${line}${retried ? '; they are sent again later' : ''}`,
          ),
        ]),
    '',
  ]
}

function labelLines(labels: readonly LabelFigures[], entries: number, pen: Pen): string[] {
  const name = Math.max(5, ...labels.map((each) => each.name.length))
  const row = (cells: readonly string[]): string =>
    `  ${cells[0]!.padEnd(name)}  ${cells[1]!.padStart(7)}  ${cells[2]!}`
  return [
    ...(labels.length === 0 ? [] : [pen('dim', row(['label', 'values', 'most frequent']))]),
    ...labels.map((each) => {
      const top = each.top.map(({ value, entries: of }) => `${cut(value, VALUE)} ${percent(of, entries)}`)
      return row([
        each.name,
        count(each.distinct),
        each.grows
          ? `${pen('red', 'explodes')}: ${cut(each.top[0]!.value, VALUE)} ...`
          : `${top.join(', ')}${each.distinct > top.length ? ', ...' : ''}`,
      ])
    }),
  ]
}

function at(place: string): string {
  return place === '' ? '' : ` ${place}`
}

function cut(text: string, longest: number): string {
  const shown = visible(text)
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

// Two digits are as exact as a sample can be.
function round(value: number): number {
  return Number(value.toPrecision(2))
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole
  return `${share > 0 && share < 0.1 ? '< 0.1' : share.toFixed(share >= 99.95 || share === 0 ? 0 : 1)} %`
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
