import { PassThrough, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Batch } from '../../../../lib/flow/batch.ts'
import type { Component, Receiver } from '../../../../lib/component/component.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../../lib/flow/labels.ts'
import { receiversIn, type LiveComponent } from '../../../../lib/run/supervise/live.ts'
import { liveComponent } from '../../../support/live.ts'

const batch = (line: string): Batch => new Batch([new Entry(0, 0, line, EMPTY_LABELS)])

function receiver(): Receiver & { lines: string[] } {
  const lines: string[] = []
  return { id: 'r', lines, send: (each) => void lines.push(...each.take().map(({ line }) => line)) }
}

function live(component: Component, options: Readonly<Record<string, unknown>> = {}): LiveComponent {
  return liveComponent(component, { options }).live
}

void t.test('the receivers in options', (tap) => {
  const one = receiver()
  tap.same(receiversIn({}), [])
  tap.same(receiversIn({ forward_to: [one] }), [one])
  tap.end()
})

void t.test('output goes to forward_to, which may change', async (tap) => {
  const [one, two] = [receiver(), receiver()]
  const output = new PassThrough({ objectMode: true })
  const it = live({ output, stop: () => void output.end() }, { forward_to: [one] })
  await it.start()
  output.write(batch('a'))
  await turn()
  tap.equal(it.update({ forward_to: [two] }, true), true)
  tap.same(it.receivers, [two])
  output.write(batch('b'))
  let ended = false
  void it.outputEnded().then(() => (ended = true))
  await turn()
  tap.equal(ended, false)
  await it.stop()
  tap.same([one.lines, two.lines], [['a'], ['b']])
  tap.same(it.health(), { state: 'healthy', message: '' })
})

void t.test('options that only the component can take', (tap) => {
  tap.equal(live({}).update({ a: 1 }, false), false, 'no update, no change')
  const it = live({ update: (options) => (options as { a: number }).a === 1 })
  tap.same([it.update({ a: 1 }, false), it.update({ a: 2 }, false), it.options], [true, false, { a: 1 }])
  tap.end()
})

void t.test('a sink ends when it has written everything', async (tap) => {
  const events: string[] = []
  const input = new Writable({
    objectMode: true,
    write: (_batch, _encoding, done) =>
      void setImmediate(() => {
        events.push('written')
        done()
      }),
  })
  const it = live({ input, close: () => void events.push('closed') })
  await it.start()
  input.write(batch('a'))
  await it.stop()
  await it.stop()
  await it.close()
  tap.same(events, ['written', 'closed'])
})

void t.test('a broken component is unhealthy', async (tap) => {
  const start = live({
    start: () => {
      throw new Error('no port')
    },
  })
  await tap.rejects(start.start(), /no port/)
  tap.same(start.health(), { state: 'unhealthy', message: 'no port' })
  const output = new PassThrough({ objectMode: true })
  const source = live({ output })
  await source.start()
  output.destroy(new Error('the file is gone'))
  await source.outputEnded()
  tap.equal(source.health().message, 'the file is gone')
  const stop = live({ stop: () => Promise.reject(new Error('stuck')) })
  await stop.stop()
  tap.equal(stop.health().message, 'stuck')
  tap.same(live({ health: () => ({ state: 'exited', message: 'done' }) }).health(), {
    state: 'exited',
    message: 'done',
  })
})

void t.test('a source that is closed while a receiver takes nothing has not failed', async (tap) => {
  const output = new PassThrough({ objectMode: true })
  const slow: Receiver = { id: 'r', send: () => new Promise(() => {}) }
  const { live: it, logged } = liveComponent({ output }, { options: { forward_to: [slow] } })
  await it.start()
  output.write(batch('a'))
  await turn()
  void it.stop()
  await it.close()
  await it.outputEnded()
  tap.same(logged, [])
})

void t.test('closing takes the metrics back', async (tap) => {
  const it = live({})
  it.ctx.metrics.counter('test_total', 'Test.').value = 1
  tap.match(await it.ctx.metrics.exposition(), /test_total/)
  await it.close()
  tap.notMatch(await it.ctx.metrics.exposition(), /test_total/)
})
