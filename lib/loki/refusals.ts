/** What Loki's answers to pushes mean. Its texts are those of 3.x: pkg/validation/validate.go, pkg/ingester/stream.go. */
import type { Answer, AnswerKind, SentEntry } from '../delivery/destination.ts'
import { parseLabels } from '../formats/label-text.ts'

// Answers with status 400 that speak of the request, not of entries: they come from proxies and from plain HTTP on
// a TLS port. To look for bad entries would end in refusing them all.
const ABOUT_THE_REQUEST = /^\s*<|HTTP request to an HTTPS server|^mime: |^Content-Encoding |^snappy: /i

export function classify({ status, reason }: Answer): AnswerKind {
  if (status >= 200 && status < 300) return 'accepted'
  if (status === 429) return 'slow_down'
  if (status === 413) return 'too_large'
  if (status === 400 || status === 422) return ABOUT_THE_REQUEST.test(reason) ? 'denied' : 'refused'
  if (status === 500) return 'failed'
  if (status === 0 || status > 500) return 'unavailable'
  return 'denied'
}

// Loki's texts about label sets: every entry of the stream shares the fault.
const ABOUT_LABELS =
  /couldn't parse labels|has \d+ label names; limit|has label (?:name|value) too long|has duplicate label name|at least one label pair/

/** The same texts, where they name the stream. */
const STREAM_OF_LABELS = /stream '(\{.*?\})' has (?:\d+ label names|label|duplicate)/g

const TOO_LONG = /max entry size '(\d+)' bytes exceeded for stream/gi
const TOO_OLD = /has timestamp too old: \S+, oldest acceptable timestamp is: ([^\s;]+)/g
const TOO_NEW = /has timestamp too new: ([^\s;]+)/g
/** What joins several distinct errors: `2 errors like: …; 1 errors like: …`. */
const ERROR = /\d+ errors? like: /g

/**
 * Which of the entries of a refused push are bad, by index, where Loki's reason says it exactly; it has kept the others
 * then. `undefined`: the reason could mean some of them, and they must be looked for.
 */
export function refusedEntries({ reason }: Answer, entries: readonly SentEntry[]): number[] | undefined {
  const [first] = entries
  if (ABOUT_LABELS.test(reason)) {
    if (entries.every(({ labels }) => labels === first?.labels)) return entries.map((_, i) => i)
    const streams = [...reason.matchAll(STREAM_OF_LABELS)].map(([, stream]) => stream!)
    const bad = entries.flatMap(({ labels }, i) =>
      streams.some((stream) => isStream(labels, stream)) ? [i] : [],
    )
    return bad.length > 0 ? bad : undefined
  }
  const ignored = IGNORED.exec(reason)
  if (ignored !== null) return tooFarBehind(reason, ignored, entries)
  const lengths = [...reason.matchAll(TOO_LONG)].map(([, bytes]) => Number(bytes))
  const old = secondsIn(reason, TOO_OLD)
  const early = secondsIn(reason, TOO_NEW)
  const errors = Math.max(1, reason.match(ERROR)?.length ?? 0)
  if (lengths.length + old.length + early.length < errors || [...old, ...early].some(Number.isNaN))
    return undefined
  const longest = Math.min(...lengths)
  const oldest = Math.min(...old)
  const newest = newestTaken(early, entries)
  const bad: number[] = []
  entries.forEach(({ seconds, line }, i) => {
    if ((old.length > 0 && seconds < oldest) || seconds > newest || Buffer.byteLength(line) > longest)
      bad.push(i)
  })
  return bad
}

// Loki's times have no fraction, so that entries in the first second that it names may be good; a single one isn't.
function newestTaken(early: readonly number[], entries: readonly SentEntry[]): number {
  const named = Math.min(...early)
  return entries.filter(({ seconds }) => seconds === named).length === 1 ? named - 1 : named
}

/** An ingester's answer about one stream: a few of the entries it has ignored, how many in all, and out of how many. */
const IGNORED = /total ignored: (\d+) out of (\d+) for stream: (\{.*\})/
const TOO_FAR_BEHIND =
  /entry too far behind, entry timestamp is: \S+, oldest acceptable timestamp is: ([^\s']+)/g

function tooFarBehind(
  reason: string,
  [, ignored, total, stream]: RegExpExecArray,
  entries: readonly SentEntry[],
): number[] | undefined {
  const oldest = Math.min(...secondsIn(reason, TOO_FAR_BEHIND))
  const inStream = entries.flatMap(({ labels }, i) => (isStream(labels, stream!) ? [i] : []))
  const bad = inStream.filter((i) => entries[i]!.seconds < oldest)
  return inStream.length === Number(total) && bad.length <= Number(ignored) ? bad : undefined
}

// Loki adds `service_name` to what was sent, unless told otherwise.
function isStream(sent: string, stored: string): boolean {
  const own = new Map(parseLabels(sent))
  const theirs = new Map(parseLabels(stored))
  if (!own.has('service_name')) theirs.delete('service_name')
  return own.size === theirs.size && [...own].every(([name, value]) => theirs.get(name) === value)
}

function secondsIn(reason: string, pattern: RegExp): number[] {
  return [...reason.matchAll(pattern)].map(([, time]) => Math.floor(Date.parse(time!) / 1000))
}

// Loki's texts, and the names under which its own metric of discarded samples counts them.
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/bytes exceeded for stream|max entry size/, 'line_too_long'],
  [/timestamp too new/, 'too_far_in_future'],
  [/timestamp too old/, 'greater_than_max_sample_age'],
  [/too far behind|out of order/, 'too_far_behind'],
  [/label names; limit/, 'max_label_names_per_series'],
  [/label name too long/, 'label_name_too_long'],
  [/label value too long/, 'label_value_too_long'],
  [/duplicate label name/, 'duplicate_label_names'],
  [/couldn't parse labels|label pair is required/, 'invalid_labels'],
  [/structured metadata/, 'structured_metadata'],
]

/** A short name for why an entry was refused, one of a few: for counting. */
export function refusalName({ status, reason }: Answer): string {
  const known = REASONS.find(([pattern]) => pattern.test(reason))
  return known?.[1] ?? (status === 413 ? 'too_large' : 'refused')
}
