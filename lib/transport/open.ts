/** From the options of a transport to its sender, which is told when the process ends. */
import { encoderOf, type Format } from './encoders.ts'
import type { MappingOptions } from './recorder.ts'
import { LocalSender, type Sender, type SenderOptions } from './sender.ts'
import { WorkerSender } from './worker-sender.ts'

/** Where lines wait, what becomes labels and metadata, and the options of an `endpoint` of `loki.write`. */
export interface TransportOptions extends SenderOptions, MappingOptions {
  /** Delivers in a thread of its own, so that requests and compression take none of the program's time; default `true`. */
  readonly worker?: boolean
}

const open = new Set<Sender>()

function onExit(): void {
  for (const sender of open) sender.save()
}

// The program has nothing more to do: what it logged is delivered before it ends.
function onBeforeExit(): void {
  for (const sender of open) void sender.close().finally(() => open.delete(sender))
}

/** Throws `LogstreamError` for wrong options. */
export function openSender(options: TransportOptions, format: Format): Sender {
  const { worker = true, labels, labelsFrom, metadataFrom, ...sender } = options
  const mapping = { labels, labelsFrom, metadataFrom }
  const opened = worker
    ? new WorkerSender({ format, sender, mapping })
    : new LocalSender(sender, encoderOf(format, mapping))
  if (open.size === 0) {
    process.on('exit', onExit)
    process.on('beforeExit', onBeforeExit)
  }
  open.add(opened)
  return opened
}

/** Closes a sender for good. */
export async function closeSender(sender: Sender): Promise<void> {
  await sender.close()
  open.delete(sender)
  if (open.size > 0) return
  process.off('exit', onExit)
  process.off('beforeExit', onBeforeExit)
}
