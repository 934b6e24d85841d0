/** Writes push requests, plainly, for tests of what reads them. */
import type { PushedEntry } from '../../lib/loki/pushed.ts'

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]
}

/** A field that has a length. */
export function bytesField(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes])
}

export function varintField(number: number, value: number): Buffer {
  return Buffer.from([...varint(number * 8), ...varint(value)])
}

/** The uncompressed request: labels as text, and entries. */
export function pushRequest(
  streams: readonly (readonly [labels: string, entries: readonly PushedEntry[]])[],
): Buffer {
  return Buffer.concat(
    streams.map(([labels, entries]) =>
      bytesField(
        1,
        Buffer.concat([bytesField(1, labels), ...entries.map((entry) => bytesField(2, entryBytes(entry)))]),
      ),
    ),
  )
}

function entryBytes({ seconds, nanos, line, structuredMetadata }: PushedEntry): Buffer {
  const time = Buffer.concat([varintField(1, seconds), varintField(2, nanos)])
  const pairs = structuredMetadata.map(([name, value]) =>
    bytesField(3, Buffer.concat([bytesField(1, name), bytesField(2, value)])),
  )
  return Buffer.concat([bytesField(1, time), bytesField(2, line), ...pairs])
}
