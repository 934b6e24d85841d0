/** Messages of a tap as text for a terminal. Control characters of log lines are made visible. */
import type { EntryShown, TappedEntry, Trace } from '../admin/tap/messages.ts'
import { visible } from '../explain/columns.ts'
import { changeLine, labelText } from '../explain/render.ts'
import type { Pen } from '../formats/pen.ts'
import { plural } from '../formats/plural.ts'
import type { Step } from '../explain/step.ts'

export function messageText(message: TappedEntry | Trace, pen: Pen): string {
  const line = entryLine(message.entry, pen)
  if (message.kind === 'entry') return line
  return `${line}${message.steps.map((step) => stepText(step, pen)).join('')}\n`
}

function entryLine(
  { timestamp, labels, structured_metadata: metadata, line, length }: EntryShown,
  pen: Pen,
): string {
  const more = Object.entries(metadata)
    .map(([name, value]) => visible(` ${name}=${JSON.stringify(value)}`))
    .join('')
  const cut = length > line.length ? pen('dim', ` … ${plural(length, 'character')}`) : ''
  return `${pen('dim', timestamp)} ${pen('cyan', `${labelText(labels)}${more}`)} ${visible(line)}${cut}\n`
}

function stepText({ stage, outcome, reason, parts, changes }: Step, pen: Pen): string {
  // Two blanks for each stage around it.
  const indent = '  '.repeat(stage.split('/').length)
  const name = pen('bold', stage.slice(stage.lastIndexOf('/') + 1))
  const rows = changes.map((change) => `${indent}   ${changeLine(change, pen)}\n`)
  if (parts !== undefined)
    rows.push(`${indent}   ${pen('yellow', `became ${plural(parts, 'entry', 'entries')}`)}\n`)
  if (outcome === 'dropped') rows.push(`${indent}   ${pen('red', `dropped${reason ? `: ${reason}` : ''}`)}\n`)
  if (outcome === 'held') rows.push(`${indent}   ${pen('yellow', 'held')}\n`)
  const nothing = rows.length === 0 ? pen('dim', '  no change') : ''
  return `${indent}${name}${nothing}\n${rows.join('')}`
}
