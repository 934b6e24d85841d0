/** A sink for people: prints entries to standard output instead of delivering them. */
import { Writable } from 'node:stream'
import type { Batch } from '../flow/batch.ts'
import type { ComponentDefinition } from '../component/component.ts'
import type { Entry } from '../flow/entry.ts'
import { DELIVERED, dropped } from '../flow/outcome.ts'
import { penOf } from '../formats/pen.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'

const STDOUT_CLOSED = dropped('stdout_closed')

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
  return {
    ...like,
    create: () => ({
      input: new Writable({
        objectMode: true,
        highWaterMark: 2,
        write: (batch: Batch, _encoding, done) => print(batch.take(), stdout, options, done),
      }),
    }),
  }
}

function print(entries: Entry[], stdout: Writable, options: PrintOptions, done: () => void): void {
  const settle = (closed: boolean): void => {
    for (const entry of entries) entry.ack.settle(closed ? STDOUT_CLOSED : DELIVERED)
    done()
  }
  if (stdout.destroyed || stdout.errored) return settle(true)
  const text = entries
    .map((entry) => (options.json ? jsonLine(entry) : textLine(entry, options.colour)))
    .join('')
  stdout.write(text, (error) => settle(error !== null && error !== undefined))
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
