/** Entries as a tap shows them, with long values cut. */
import { cut } from '../../explain/step.ts'
import type { Entry } from '../../flow/entry.ts'
import { formatRfc3339Nano } from '../../go/rfc3339.ts'
import type { EntryShown } from './messages.ts'

const LONGEST_LINE = 16_384

export function shownEntry({ line, seconds, nanos, labels, structuredMetadata }: Entry): EntryShown {
  return {
    line: line.slice(0, LONGEST_LINE),
    length: line.length,
    timestamp: formatRfc3339Nano(seconds, nanos),
    labels: shortened(labels.entries()),
    structured_metadata: shortened(structuredMetadata),
  }
}

function shortened(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(pairs.map(([name, value]) => [cut(name), cut(value)]))
}
