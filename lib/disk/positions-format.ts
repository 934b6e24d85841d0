/** The text of a positions file, version 1: JSON, one entry a line, so that a person can read and mend it. */

/** One content that stood under a path. Numbers of bytes count from the start of the (decompressed) file. */
export interface GenerationPosition {
  /** Decimal, for inode numbers may exceed what a double holds. */
  readonly device: string
  readonly inode: string
  /** SHA-256 (first 16 hex digits) of the first `head` bytes. */
  readonly head: number
  readonly hash: string
  /** Everything before it has been acknowledged. */
  readonly offset: number
  /** FNV-1a of the up to 64 bytes before `offset`. */
  readonly anchor: number
  /** The size when it was last looked at. */
  readonly size: number
  /** Milliseconds on the file system's clock: rotated files born later were never seen. */
  readonly since: number
}

export interface FilePosition {
  readonly path: string
  /** The target's labels without `filename`, as Loki writes them. */
  readonly labels: string
  /** Oldest first; the last one stands (or stood) under the path. */
  readonly generations: readonly GenerationPosition[]
  /** The entry's path can be read, the rest can't. */
  readonly damaged: boolean
}

const POSITIONS_VERSION = 1

/** The file's text around the entries' own. */
export function formatPositions(entries: readonly string[]): string {
  return `{"logstream_positions":${POSITIONS_VERSION},"files":[\n${entries.join(',\n')}\n]}\n`
}

/** Throws an Error that says what is wrong with the file as a whole; a wrong entry is marked as damaged. */
export function parsePositions(bytes: Buffer): FilePosition[] {
  const root = parseJson(bytes)
  if (!isRecord(root)) throw new Error('expected a JSON object')
  const version = root['logstream_positions']
  if (version !== POSITIONS_VERSION)
    throw new Error(
      `expected "logstream_positions": ${POSITIONS_VERSION}, found ${JSON.stringify(version)}` +
        (typeof version === 'number' && version > POSITIONS_VERSION ? ' (written by a newer version)' : ''),
    )
  if (!Array.isArray(root['files'])) throw new Error('expected a list "files"')
  return root['files'].flatMap((entry: unknown) => parseEntry(entry))
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Error(`expected JSON, found ${bytes.length} bytes that are none`)
  }
}

function parseEntry(entry: unknown): FilePosition[] {
  if (!isRecord(entry) || typeof entry['path'] !== 'string') return []
  const { path, labels, generations } = entry
  if (typeof labels !== 'string' || !Array.isArray(generations) || !generations.every(isGeneration))
    return [{ path, labels: typeof labels === 'string' ? labels : '{}', generations: [], damaged: true }]
  return [{ path, labels, generations, damaged: false }]
}

function isGeneration(value: unknown): value is GenerationPosition {
  if (!isRecord(value)) return false
  const texts = [value['device'], value['inode'], value['hash']]
  const counts = [value['head'], value['offset'], value['anchor'], value['size']]
  return (
    texts.every((text) => typeof text === 'string') &&
    counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    typeof value['since'] === 'number'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
