/** The streams of the sealed files, `streams-000012.jsonl`: one line each with id, labels, and the newest time. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../../disk/atomic.ts'
import { labelsText, type StreamTable } from '../stream-table.ts'

/** Writes every saved stream; resolves with the name of the file. */
export async function writeStreams(folder: string, number: number, streams: StreamTable): Promise<string> {
  const name = `streams-${String(number).padStart(6, '0')}.jsonl`
  let text = ''
  for (const { id, labels, saved, storedTime } of streams.values())
    if (saved)
      text += `[${id},${labelsText(labels)},${storedTime === undefined ? 'null' : `"${storedTime}"`}]\n`
  await writeAtomic(join(folder, name), text)
  return name
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
