/** The streams of the sealed files, `streams-000012.jsonl`: one line each with id, labels, and the newest time. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../../disk/atomic.ts'
import { labelsText, type StreamTable } from '../stream-table.ts'

/** Streams that are written together. */
const PIECE = 1000

/** Writes every saved stream; resolves with the name of the file. */
export async function writeStreams(folder: string, number: number, streams: StreamTable): Promise<string> {
  const name = `streams-${String(number).padStart(6, '0')}.jsonl`
  await writeAtomic(join(folder, name), pieces(streams))
  return name
}

function* pieces(streams: StreamTable): Generator<string> {
  let lines: string[] = []
  for (const { id, labels, saved, storedTime } of streams.values()) {
    if (!saved) continue
    const newest = storedTime === undefined ? 'null' : `"${storedTime}"`
    lines.push(`[${id},${labelsText(labels)},${newest}]\n`)
    if (lines.length < PIECE) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}

/** Adds the streams of such a file. Throws when it can't be read. */
export async function readStreams(folder: string, name: string, streams: StreamTable): Promise<void> {
  const text = await readFile(join(folder, name), 'utf8')
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [id, labels, newest] = JSON.parse(line) as [number, Record<string, string>, string | null]
    streams.load(id, labels, newest === null ? undefined : BigInt(newest))
  }
}
