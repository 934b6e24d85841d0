/** Reads a socket or pipe chunk by chunk, so that stopping loses nothing that was read. */
import type { Readable } from 'node:stream'

/**
 * Yields the chunks of `stream` until it ends, breaks or `until` is aborted, waiting for `room` before each next one.
 * What the stream had buffered when `until` was aborted still comes. Never throws: a broken connection counts as its
 * end, and `onError` is told. Destroys the stream at the end.
 */
export async function* chunks(
  stream: Readable,
  until: AbortSignal,
  flow: { readonly room: () => Promise<void> | undefined; readonly onError?: (error: Error) => void },
): AsyncGenerator<Buffer> {
  let wake = (): void => {}
  const onEvent = (): void => wake()
  const onError = (error: Error): void => {
    flow.onError?.(error)
    wake()
  }
  stream.on('readable', onEvent).on('end', onEvent).on('close', onEvent).on('error', onError)
  until.addEventListener('abort', onEvent)
  try {
    for (;;) {
      const chunk = stream.read() as Buffer | null
      if (chunk !== null) {
        yield chunk
        const wait = flow.room()
        if (wait !== undefined) await wait
      } else if (until.aborted || stream.readableEnded || stream.destroyed) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    until.removeEventListener('abort', onEvent)
    stream.off('readable', onEvent)
    // The error listener stays: a reset may still come in while the connection closes.
    if (!stream.destroyed) stream.destroy()
  }
}
