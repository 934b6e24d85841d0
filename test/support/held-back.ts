/** A log whose reader is held back, in a body that is as full as undici lets it get. */
import type { Readable } from 'node:stream'
import { until } from './component-run.ts'

/** What undici keeps of a body before it stops to read. */
const BODY_BYTES = 64 * 1024

/**
 * Writes lines until the source with this `output` takes no more and the body is full, to the byte. `overhead`: bytes of each
 * line beside its text. Returns the texts.
 */
export async function fillUp(
  output: Readable,
  overhead: number,
  write: (text: string) => void,
): Promise<string[]> {
  const texts: string[] = []
  const line = (): void => {
    const text = String(texts.length).padStart(1024 - overhead, '.')
    texts.push(text)
    write(text)
  }
  // The output is full with two batches. The source finds out with the third.
  for (let batches = 1; batches <= 3; batches++) {
    line()
    await until(() => output.readableLength === batches)
  }
  for (let bytes = 0; bytes < BODY_BYTES; bytes += 1024) line()
  return texts
}
