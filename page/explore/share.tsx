/** What can be taken along: the lines as a file, the query as a command. Commands carry no credentials. */
import { addressWith, viewAddress } from '../location.ts'
import { selectorOf } from '../logql/query.ts'
import { copyText, saveFile } from '../parts/copy.ts'
import { Item, Menu } from '../parts/menu.tsx'
import { asked, source } from './asked.ts'
import type { Line } from './line.ts'
import { rangeOf } from './times.ts'

const AROUND_MS = 30_000

export function DownloadMenu({ lines }: { lines: readonly Line[] }) {
  if (lines.length === 0) return null
  return (
    <Menu label={null} name="Download" icon="save" class="quiet icon">
      <h2>{lines.length.toLocaleString('en-US')} loaded lines</h2>
      <Item onPick={() => saveFile('lines.log', 'text/plain', lines.map(({ text }) => `${text}\n`).join(''))}>
        Text
      </Item>
      <Item onPick={() => saveFile('lines.jsonl', 'application/jsonl', lines.map(jsonOf).join(''))}>
        JSON, one object a line
      </Item>
      <Item onPick={() => saveFile('lines.csv', 'text/csv', csvOf(lines))}>CSV</Item>
    </Menu>
  )
}

function jsonOf({ ns, text, labels, metadata, parsed }: Line): string {
  return `${JSON.stringify({ timestamp: ns, line: text, labels, metadata, parsed })}\n`
}

// A cell that begins like a formula would be one in a spreadsheet.
function csvOf(lines: readonly Line[]): string {
  const names = [...new Set(lines.flatMap((line) => Object.keys(line.labels)))].sort()
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const row = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`
  return (
    row(['time', ...names, 'line']) +
    lines
      .map(({ ms, labels, text }) =>
        row([
          new Date(ms).toISOString(),
          ...names.map((name) => (Object.hasOwn(labels, name) ? labels[name]! : '')),
          text,
        ]),
      )
      .join('')
  )
}

export function CopyMenu() {
  const { query, from, to } = asked.value
  if (query === '' || source.value === undefined) return null
  return (
    <Menu label={null} name="Copy" icon="copy" class="quiet icon">
      <h2>Copy</h2>
      <Item onPick={() => void copyText(location.href)}>Link to this</Item>
      {from.startsWith('now') || to.startsWith('now') ? (
        <Item onPick={() => void copyText(fixedLink())}>Link with these times</Item>
      ) : null}
      <Item onPick={() => void copyText(command('logstream'))}>logstream query</Item>
      <Item onPick={() => void copyText(command('logcli'))}>logcli</Item>
      <Item onPick={() => void copyText(command('curl'))}>curl</Item>
    </Menu>
  )
}

/** A range back from now means another one for whoever follows the link later. */
function fixedLink(): string {
  const { from, to } = rangeOf(asked.value.from, asked.value.to, Date.now())
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), live: '' }
  return new URL(addressWith(times), location.href).href
}

/** The stream of a line for half a minute before and after it. */
export function lineLink({ labels, ms }: Line): string {
  const at = (offset: number): string => new Date(ms + offset).toISOString()
  const own = { source: source.value?.name, q: selectorOf(labels), from: at(-AROUND_MS), to: at(AROUND_MS) }
  return new URL(viewAddress('explore', own), location.href).href
}

function command(tool: 'logstream' | 'logcli' | 'curl'): string {
  const { query, from, to } = asked.value
  const { url } = source.value!
  const range = rangeOf(from, to, Date.now())
  const at = (ms: number): string => new Date(ms).toISOString()
  switch (tool) {
    case 'logstream':
      return `logstream query --url ${quoted(url)} --from ${at(range.from)} --to ${at(range.to)} ${quoted(query)}`
    case 'logcli':
      return `logcli --addr=${quoted(url)} query --from=${at(range.from)} --to=${at(range.to)} ${quoted(query)}`
    case 'curl':
      return `curl -sG ${quoted(`${url}/loki/api/v1/query_range`)} --data-urlencode ${quoted(`query=${query}`)} -d start=${range.from}000000 -d end=${range.to}000000 -d limit=1000`
  }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
