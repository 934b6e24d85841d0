/** `stage.docker`: unpacks the lines of Docker's json-file log driver. */
import type { EntryFn } from '../lib/component/component.ts'
import { shapeOf } from '../lib/flow/extracted.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { parseStrictJson } from '../lib/go/json/parse.ts'
import { hasLoneSurrogate } from '../lib/go/strings/bytes.ts'
import type { JsonObject } from '../lib/go/json/iterator-reader.ts'
import { compileTimeFormat } from '../lib/go/time/formats.ts'

const parseTime = compileTimeFormat('RFC3339Nano')

const SHAPE = shapeOf(['output', 'stream', 'timestamp'])

/**
 * The line becomes `log` (with its newline), `stream` a label, `time` the timestamp if it is RFC 3339. All three
 * are extracted, as `output`, `stream` and `timestamp`. Other lines, and those without `log`, pass unchanged.
 *
 * @example
 * docker({})
 */
export const docker = defineStage({
  name: 'docker',
  summary: "Unpacks lines of Docker's json-file log driver.",
  fields: {},
  explain: {
    misfit:
      () =>
      ({ line }) =>
        parse(line) !== undefined || "not a line of Docker's json-file driver",
  },
  create: (): EntryFn => (entry) => {
    const parsed = parse(entry.line)
    if (parsed === undefined) return undefined
    entry.extracted.setRow(SHAPE, [parsed.log, parsed.stream, parsed.time])
    entry.line = parsed.log
    entry.labels = entry.labels.with('stream', parsed.stream)
    const at = parseTime(parsed.time)
    if (at !== undefined) {
      entry.seconds = at.seconds
      entry.nanos = at.nanos
    }
    return undefined
  },
})

interface DockerLog {
  log: string
  stream: string
  time: string
}

/** `undefined`: the line is of another kind. */
function parse(line: string): DockerLog | undefined {
  const data = parseStrictJson(line)
  const parsed = data === undefined || data === null ? undefined : fieldsOf(data)
  return parsed === undefined || parsed.log === '' ? undefined : parsed
}

// Go matches keys without regard to case, the last of equal ones counts, null is as good as missing, another type is an error.
function fieldsOf(data: JsonObject): DockerLog | undefined {
  const parsed: DockerLog = { log: '', stream: '', time: '' }
  for (const key of Object.keys(data)) {
    const name = key.length > 6 ? key : key.toLowerCase()
    if (name !== 'log' && name !== 'stream' && name !== 'time') continue
    const value = data[key]
    if (value === null) continue
    if (typeof value !== 'string') return undefined
    parsed[name] = hasLoneSurrogate(value) ? value.replaceAll(/\p{Surrogate}/gu, '\ufffd') : value
  }
  return parsed
}
