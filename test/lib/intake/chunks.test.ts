import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { chunks } from '../../../lib/intake/chunks.ts'

const room = (): undefined => undefined

async function all(from: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of from) text += chunk.toString()
  return text
}

void t.test('reads to the end', async (t) => {
  const { signal } = new AbortController()
  t.equal(await all(chunks(Readable.from([Buffer.from('a'), Buffer.from('b')]), signal, { room })), 'ab')
})

void t.test('an abort gives what was buffered, then lets go', async (t) => {
  const stop = new AbortController()
  const input = new PassThrough()
  input.write('ab')
  stop.abort()
  t.equal(await all(chunks(input, stop.signal, { room })), 'ab')
  t.ok(input.destroyed)
  const silent = new PassThrough()
  const later = new AbortController()
  const reading = all(chunks(silent, later.signal, { room }))
  setImmediate(() => later.abort())
  t.equal(await reading, '', 'while it waits as well')
})

void t.test('an error is an end', async (t) => {
  const input = new PassThrough()
  const errors: string[] = []
  const flow = { room, onError: (error: Error) => void errors.push(error.message) }
  const reading = all(chunks(input, new AbortController().signal, flow))
  input.write('a')
  setImmediate(() => input.destroy(new Error('reset')))
  t.equal(await reading, 'a')
  t.strictSame(errors, ['reset'])
})

void t.test('waits for room', async (t) => {
  let open = (): void => {}
  const wait = new Promise<void>((resolve) => (open = resolve))
  const iterator = chunks(Readable.from([Buffer.from('a'), Buffer.from('b')]), new AbortController().signal, {
    room: () => wait,
  })
  await iterator.next()
  let more = false
  const next = iterator.next().then((result) => {
    more = true
    return result
  })
  await new Promise(setImmediate)
  t.notOk(more)
  open()
  t.equal(String((await next).value), 'b')
})
