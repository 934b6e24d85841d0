/** Reads the newest dead letters. */
import { lettersIn, lettersUnder } from '../../delivery/inspect.ts'
import type { DeadLetter } from '../../delivery/dead-letters.ts'
import { parseLabels } from '../../formats/label-text.ts'
import { refusalName } from '../../loki/refusals.ts'
import type { RefusedEntries, RefusedEntry } from './messages.ts'

const MOST = 1000
/** Longer lines are cut. */
const LONGEST = 16_384

/** Returns those under `storagePath` that weren't replayed, newest first. */
export async function newestLetters(storagePath: string): Promise<RefusedEntries> {
  const files = (await lettersUnder(storagePath)).map(({ files }) => files.toReversed())
  const entries: RefusedEntry[] = []
  let more = false
  // Up to MOST of each component, from its newest file back.
  for (const ofComponent of files) {
    let left = MOST
    for (const file of ofComponent) {
      if (left === 0) {
        more = true
        break
      }
      const letters: DeadLetter[] = []
      for await (const { letter, replayed } of lettersIn(file)) if (!replayed) letters.push(letter)
      more ||= letters.length > left
      const newest = letters.slice(-left)
      left -= newest.length
      entries.push(...newest.map(refusedEntry))
    }
  }
  entries.sort((a, b) => (a.at < b.at ? 1 : -1))
  return { entries: entries.slice(0, MOST), more: more || entries.length > MOST }
}

function refusedEntry({
  component,
  at,
  labels,
  line,
  structured_metadata: metadata,
  timestamp,
  status,
  reason,
}: DeadLetter): RefusedEntry {
  return {
    component,
    at,
    name: refusalName({ status, reason }),
    status,
    reason,
    line: line.slice(0, LONGEST),
    labels: Object.fromEntries(parseLabels(labels) ?? []),
    structured_metadata: Object.fromEntries(metadata),
    timestamp,
  }
}
