/** The thread that delivers: a `LocalSender` driven by messages. */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { encoderOf } from './encoders.ts'
import { LocalSender } from './sender.ts'
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.ts'

const port = parentPort!
const { format, sender: options, mapping } = workerData as WorkerData
const sender = new LocalSender(options, encoderOf(format, mapping))

function say(message: FromWorker): void {
  port.postMessage(message)
}

async function answer({
  type,
  id,
}: {
  readonly type: 'flush' | 'close'
  readonly id: number
}): Promise<void> {
  try {
    await sender[type]()
    say({ type: 'done', id })
  } catch (error) {
    say({ type: 'done', id, error: messageOf(error) })
  }
  if (type === 'close') port.close()
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'left') return sender.adopt()
  if (message.type !== 'lines') return void answer(message)
  for (const line of message.lines) sender.write(line)
  sender.save()
  say({ type: 'taken', upTo: message.upTo, dropped: sender.dropped })
})
