/** A sink for people: prints entries to standard output instead of delivering them. */
import { Writable } from 'node:stream'
import type { Batch } from '../flow/batch.ts'
import type { ComponentDefinition } from '../component/component.ts'
import type { Entry } from '../flow/entry.ts'
import { DELIVERED, dropped, lost, type Outcome } from '../flow/outcome.ts'
import { penOf } from '../formats/pen.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import { isReaderGone } from './output-failure.ts'

const STDOUT_CLOSED = dropped('stdout_closed')
const STDOUT_FAILED = lost('stdout_failed')

export interface PrintOptions {
  readonly json: boolean
  readonly colour: boolean
}

/** Returns a definition with the fields of `like` whose instances print what they are sent. */
export function printing(
  like: ComponentDefinition,
  stdout: Writable,
  options: PrintOptions,
): ComponentDefinition {
  // What a write failed with, since later ones may seem to succeed.
  let failed: Outcome | undefined
  const print = (entries: Entry[], done: () => void): void => {
    const settle = (): void => {
      for (const entry of entries) entry.ack.settle(failed ?? DELIVERED)
      done()
    }
    if (stdout.destroyed) failed ??= STDOUT_CLOSED
    if (failed !== undefined) return settle()
    stdout.write(entries.map((entry) => printed(entry, options)).join(''), (error) => {
      if (error) failed ??= isReaderGone(error) ? STDOUT_CLOSED : STDOUT_FAILED
      settle()
    })
  }
  return {
    ...like,
    create: () => ({
      input: new Writable({
        objectMode: true,
        highWaterMark: 2,
        write: (batch: Batch, _encoding, done) => print(batch.take(), done),
      }),
    }),
  }
}

function printed(entry: Entry, { json, colour }: PrintOptions): string {
  return json ? jsonLine(entry) : textLine(entry, colour)
}

function jsonLine(entry: Entry): string {
  return `${JSON.stringify({
    timestamp: formatRfc3339Nano(entry.seconds, entry.nanos),
    labels: entry.labels.toObject(),
    line: entry.line,
    ...(entry.structuredMetadata.length > 0
      ? { structured_metadata: Object.fromEntries(entry.structuredMetadata) }
      : {}),
  })}\n`
}

function textLine(entry: Entry, colour: boolean): string {
  const time = formatRfc3339Nano(entry.seconds, entry.nanos)
  const metadata = entry.structuredMetadata
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
    .join('')
  const labels = `${entry.labels.text}${metadata}`
  const pen = penOf(colour)
  return `${pen('dim', time)} ${pen('cyan', labels)} ${entry.line}\n`
}
