/** `loki.source.file`: reads files and follows them; and the same for one file, without a config around it. */
import { resolve } from 'node:path'
import {
  defineComponent,
  RECEIVER,
  type Component,
  type Context,
  type Health,
  type Receiver,
} from '../../component/component.ts'
import { LogstreamError } from '../../errors.ts'
import {
  blockWithDefaults,
  capsule,
  duration,
  flag,
  list,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { labelSet, LabelSet } from '../../flow/labels.ts'
import { maxLineSizeField } from '../../component/options/source.ts'
import { MAX_LINE_BYTES } from '../../intake/line-limit.ts'
import type { CompressionFormat } from './compressed.ts'
import { TargetWatch, type MatchSettings, type Target } from '../local.file_match/match.ts'
import {
  FileReaders,
  targetLabels,
  type FileTarget,
  type OnPositionsError,
  type ReaderSettings,
} from './readers.ts'

const DEFAULT_POLL_MS = 250
const FORMATS = ['gz', 'z', 'bz2']
const ON_ERROR = ['restart_from_beginning', 'restart_from_end', 'skip']

const fields = {
  targets: required(
    list(map(text)),
    'Files to read, each by its __path__; the other labels go to its lines.',
  ),
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the lines.'),
  encoding: optional(
    text,
    '',
    'IANA name of the encoding, UTF-8 if left out; a byte order mark overrides it.',
  ),
  tail_from_end: optional(flag, false, 'Starts files that have no position at their end.'),
  max_line_size: maxLineSizeField,
  legacy_positions_file: optional(
    text,
    '',
    'A positions file of Promtail or Alloy to import if there is none yet.',
  ),
  on_positions_file_error: optional(
    text,
    'restart_from_beginning',
    'What to do with a file whose stored position cannot be read.',
    ON_ERROR,
  ),
  decompression: blockWithDefaults(
    {
      enabled: required(flag, 'Whether files are compressed; they are then read once, to their end.'),
      initial_delay: optional(duration, 0, 'Time to wait before a file is opened.'),
      format: required(text, 'The compression.', FORMATS),
    },
    'Reads compressed files.',
  ),
  file_watch: blockWithDefaults(
    {
      min_poll_frequency: optional(duration, DEFAULT_POLL_MS, 'Time between two polls of a growing file.'),
      max_poll_frequency: optional(
        duration,
        DEFAULT_POLL_MS,
        'Time between two polls of a file that has not grown.',
      ),
    },
    'How often files are polled.',
  ),
  file_match: blockWithDefaults(
    {
      enabled: optional(flag, false, 'Whether the __path__ of targets are patterns.'),
      sync_period: optional(duration, 10_000, 'Time between two searches for new files.'),
      ignore_older_than: optional(duration, 0, 'Leaves out files not changed for longer; 0s: none.'),
    },
    'Finds the files as local.file_match does.',
  ),
}

type FileOptions = OptionsOf<typeof fields>

/** Follows files through renames and truncations. A line is settled when it was delivered; positions move only then. */
export const lokiSourceFile = defineComponent({
  name: 'loki.source.file',
  summary: 'Reads log files and follows them through rotation, without losing or repeating lines.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component<FileOptions> => {
    const readers = new FileReaders(readerSettings(options), ctx)
    const matching = new FileMatching(readers, ctx)
    return {
      output: readers.output,
      start: async () => {
        await readers.start([])
        await matching.use(options)
      },
      stop: async () => {
        matching.stop()
        await readers.stop()
      },
      close: async () => {
        matching.stop()
        await readers.close()
      },
      update: (changed) => {
        void matching.use(changed)
        return true
      },
      health: () => healthOf(readers.troubles),
      status: () => ({ files: readers.status }),
    }
  },
})

// A glance must be enough: a thousand files that can't be read have one cause.
const SHOWN = 3

function healthOf({ messages, blocked }: FileReaders['troubles']): Health {
  const more = messages.length > SHOWN ? [`and ${messages.length - SHOWN} more files`] : []
  return {
    state: blocked ? 'unhealthy' : 'healthy',
    message: [...messages.slice(0, SHOWN), ...more].join('; ') || 'reading',
  }
}

/** The targets of a component: its own list, or what its patterns match. */
class FileMatching {
  readonly #readers: FileReaders
  readonly #ctx: Context
  #watch: TargetWatch | undefined

  constructor(readers: FileReaders, ctx: Context) {
    this.#readers = readers
    this.#ctx = ctx
  }

  async use(options: FileOptions): Promise<void> {
    const settings = readerSettings(options)
    if (!options.file_match.enabled) {
      this.stop()
      return await this.#readers.setTargets(this.#targets(options.targets), settings)
    }
    const match: MatchSettings = { ...options.file_match, targets: options.targets }
    this.stop()
    const set: Promise<void>[] = []
    this.#watch = new TargetWatch(match, this.#ctx, (found) => {
      set.push(this.#readers.setTargets(this.#targets(found), settings))
    })
    await this.#watch.look()
    await Promise.all(set)
  }

  stop(): void {
    this.#watch?.stop()
    this.#watch = undefined
  }

  #targets(targets: readonly Target[]): FileTarget[] {
    return targets.flatMap((target) => {
      const path = target.get('__path__')
      if (path !== undefined && path !== '') return [{ path: resolve(path), labels: targetLabels(target) }]
      this.#ctx.log.error('a target has no __path__: give it one, as in {__path__ = "/var/log/app.log"}')
      return []
    })
  }
}

function readerSettings(options: FileOptions): ReaderSettings {
  const { decompression, file_watch } = options
  if (decompression.enabled && decompression.format === '')
    throw new LogstreamError('BAD_ARGUMENT', `decompression needs a format: one of ${FORMATS.join(', ')}`, {
      option: 'decompression',
    })
  return {
    encoding: options.encoding,
    decompression: decompression.enabled
      ? { format: decompression.format as CompressionFormat, initialDelayMs: decompression.initial_delay }
      : undefined,
    follow: true,
    fromEnd: options.tail_from_end,
    onPositionsError: options.on_positions_file_error as OnPositionsError,
    legacyPositionsFile: options.legacy_positions_file,
    maxLineBytes: options.max_line_size,
    minPollMs: file_watch.min_poll_frequency,
    maxPollMs: file_watch.max_poll_frequency,
  }
}

export interface FileTailOptions {
  /** The file; it needn't be there yet while `follow` is on. */
  readonly path: string
  /** `filename` is added. */
  readonly labels?: LabelSet | Readonly<Record<string, string>>
  /** `true` (the default): keeps following. `false`: reads to the end, an unfinished last line included, and ends. */
  readonly follow?: boolean
  /** Starts at the end of a file that is there already. */
  readonly fromEnd?: boolean
  /** IANA name; UTF-8 if left out. */
  readonly encoding?: string
  /** For a compressed file; left out: it's read as it is. */
  readonly decompression?: CompressionFormat
  /** Longer lines are cut into parts, each with its number as structured metadata; 16 MiB if left out. */
  readonly maxLineBytes?: number
  /** Milliseconds between two looks, 250 if left out. */
  readonly pollMs?: number
  /** Its `dataDir`, if it has one, keeps the position. */
  readonly ctx: Context
}

/**
 * Reads one file. `start()` rejects with `LogstreamError` IO when `follow` is off and the file is not there; a file
 * that can't be read later destroys `output` with one.
 */
export function openFileTail(options: FileTailOptions): Component {
  const { ctx, labels = {}, follow = true, decompression, pollMs = DEFAULT_POLL_MS } = options
  const readers = new FileReaders(
    {
      encoding: options.encoding ?? '',
      decompression: decompression === undefined ? undefined : { format: decompression, initialDelayMs: 0 },
      follow,
      fromEnd: options.fromEnd ?? false,
      onPositionsError: 'restart_from_beginning',
      legacyPositionsFile: '',
      maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES,
      minPollMs: pollMs,
      maxPollMs: pollMs,
    },
    ctx,
  )
  const target = {
    path: resolve(options.path),
    labels: labels instanceof LabelSet ? labels : labelSet(labels),
  }
  return {
    output: readers.output,
    start: () => readers.start([target]),
    stop: () => readers.stop(),
    close: () => readers.close(),
    status: () => ({ files: readers.status }),
  }
}
