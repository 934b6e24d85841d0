/** Entries as columns, for tests of what stages do to those. */
import { isAscii } from 'node:buffer'
import type { Rows } from '../../lib/component/stage.ts'
import { Columns } from '../../lib/flow/columns.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import { hasLoneSurrogate } from '../../lib/go/strings/bytes.ts'
import type { LabelSet } from '../../lib/flow/labels.ts'

/** Columns of entries that no stage has seen and that owe one acknowledgement; the entries where bytes can't hold them. */
export function columnsOf(entries: Entry[]): Rows {
  const [first] = entries
  if (first === undefined || entries.some(({ line, ack }) => hasLoneSurrogate(line) || ack !== first.ack))
    return entries
  // With something between the lines, as line ends are in a file.
  const bytes = Buffer.from(entries.map(({ line }) => `${line}\r\n`).join(''))
  const starts = new Int32Array(entries.length)
  const ends = new Int32Array(entries.length)
  const sets: LabelSet[] = []
  let at = 0
  const set = Int32Array.from(entries, ({ line, labels }, i) => {
    starts[i] = at
    ends[i] = at + Buffer.byteLength(line)
    at = ends[i]! + 2
    const known = sets.indexOf(labels)
    return known < 0 ? sets.push(labels) - 1 : known
  })
  return new Columns({
    size: entries.length,
    bytes,
    ascii: isAscii(bytes),
    starts,
    ends,
    seconds: Float64Array.from(entries, ({ seconds }) => seconds),
    nanos: Int32Array.from(entries, ({ nanos }) => nanos),
    sets,
    set,
    metadata: entries.map(({ structuredMetadata }) => structuredMetadata),
    ack: first.ack,
  })
}
