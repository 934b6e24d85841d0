/** The forms in which `logstream store export` writes entries as text: an object a line, or pushes. */
import { entryJson } from '../formats/entry-json.ts'
import { nanosText } from '../logql/engine/moment.ts'
import type { LogEntry } from '../logql/engine/querier.ts'

/** Takes entry after entry; returns the text to write now. */
export interface TextOutput {
  entry(entry: LogEntry): string
  end(): string
}

export function jsonLines(): TextOutput {
  return {
    entry: ({ seconds, nanos, stream, metadata = [], line }) =>
      entryJson({ seconds, nanos, labels: stream.toObject(), metadata, line }),
    end: () => '',
  }
}

/** Letters of lines in a push; Loki takes 4 MB. */
const PUSH_LETTERS = 1024 * 1024

type PushValue = readonly [time: string, line: string, metadata?: Readonly<Record<string, string>>]

/** Bodies of `POST /loki/api/v1/push`, one a line. */
export function pushes(): TextOutput {
  let streams = new Map<string, { readonly stream: object; readonly values: PushValue[] }>()
  let letters = 0
  const end = (): string => {
    if (streams.size === 0) return ''
    const body = JSON.stringify({ streams: [...streams.values()] })
    streams = new Map()
    letters = 0
    return `${body}\n`
  }
  return {
    entry: (entry) => {
      const { stream, metadata = [], line } = entry
      let found = streams.get(stream.key)
      if (found === undefined) streams.set(stream.key, (found = { stream: stream.toObject(), values: [] }))
      const time = nanosText(entry)
      found.values.push(metadata.length === 0 ? [time, line] : [time, line, Object.fromEntries(metadata)])
      letters += line.length + 64
      return letters < PUSH_LETTERS ? '' : end()
    },
    end,
  }
}
