import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { SourceAck } from '../../../lib/flow/ack.ts'
import { Batch } from '../../../lib/flow/batch.ts'
import type { Receiver } from '../../../lib/component/component.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { Fanout, receiverFor } from '../../../lib/component/fanout.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'

function batchOf(...lines: string[]): { batch: Batch; ledger: Ledger; entries: Entry[] } {
  const ledger = new Ledger()
  ledger.units(lines.length)
  const ack = new SourceAck({ ledger, replayable: true, settled: () => {} }, lines.length)
  const entries = lines.map((line) => new Entry(0, 0, line, EMPTY_LABELS, ack))
  return { batch: new Batch(entries), ledger, entries }
}

/** A receiver that keeps what it gets, and lets the sender wait until `open` is called. */
function receiver(id: string, waits = false): Receiver & { got: Entry[]; open: () => void } {
  const got: Entry[] = []
  let opened: (() => void) | undefined
  return {
    id,
    got,
    open: () => opened?.(),
    send: (batch) => {
      got.push(...batch.take())
      return waits ? new Promise<void>((resolve) => (opened = resolve)) : undefined
    },
  }
}

void t.test('without a receiver everything is dropped for that reason', (tap) => {
  const { batch, ledger } = batchOf('a', 'b')
  tap.equal(new Fanout([]).send(batch), undefined)
  tap.same(ledger.rows(), [{ state: 'dropped', reason: 'no_receiver', units: 2 }])
  tap.end()
})

void t.test('one receiver gets the batch itself', (tap) => {
  const { batch, entries } = batchOf('a', 'b')
  const one = receiver('one')
  tap.equal(new Fanout([one]).send(batch), undefined)
  tap.same(
    one.got.map((each, i) => each === entries[i]),
    [true, true],
  )
  tap.end()
})

void t.test('each further receiver gets clones; a unit ends as its worst branch', (tap) => {
  const { batch, ledger } = batchOf('a', 'b')
  const all = [receiver('1'), receiver('2'), receiver('3')]
  tap.equal(new Fanout(all).send(batch), undefined)
  for (const { got } of all)
    tap.same(
      got.map(({ line }) => line),
      ['a', 'b'],
    )
  tap.equal(new Set(all.flatMap(({ got }) => got)).size, 6, 'six entries of their own')
  all[0]!.got[0]!.line = 'changed'
  tap.equal(all[1]!.got[0]!.line, 'a')
  for (const { got } of all.slice(0, 2)) for (const { ack } of got) ack.settle(DELIVERED)
  tap.equal(ledger.inFlight, 2)
  all[2]!.got[0]!.ack.settle(dropped('x'))
  all[2]!.got[1]!.ack.settle(DELIVERED)
  tap.same([ledger.total('dropped'), ledger.total('delivered'), ledger.inFlight], [1, 1, 0])
  tap.end()
})

void t.test('as slow as the slowest', async (tap) => {
  const slow = receiver('slow', true)
  const quick = receiver('quick')
  const wait = new Fanout([quick, slow]).send(batchOf('a').batch)
  tap.ok(wait instanceof Promise)
  let over = false
  const done = Promise.resolve(wait).then(() => (over = true))
  await turn()
  tap.equal(over, false)
  slow.open()
  await done
  tap.equal(new Fanout([slow]).send(batchOf('a').batch) instanceof Promise, true, 'one receiver counts too')
})

void t.test('receivers may change between batches', (tap) => {
  const [one, two] = [receiver('1'), receiver('2')]
  const fanout = new Fanout([one])
  void fanout.send(batchOf('a').batch)
  fanout.receivers = [two]
  tap.same(
    fanout.receivers.map(({ id }) => id),
    ['2'],
  )
  void fanout.send(batchOf('b').batch)
  tap.same([one.got.length, two.got[0]?.line], [1, 'b'])
  tap.end()
})

void t.test('a Writable in front of it waits as the receivers do, and fails as they do', async (tap) => {
  const slow = receiver('slow', true)
  const writable = new Fanout([slow]).writable()
  tap.equal(writable.write(batchOf('a').batch), false)
  writable.write(batchOf('b').batch)
  await turn()
  tap.equal(slow.got.length, 1, 'the second one waits')
  slow.open()
  await turn()
  tap.equal(slow.got.length, 2)
  const broken = new Fanout([{ id: 'x', send: () => Promise.reject(new Error('gone')) }]).writable()
  const failed = new Promise((resolve) => broken.once('error', resolve))
  broken.write(batchOf('a').batch)
  tap.match(await failed, /gone/)
})

function target(): { writable: Writable; go: () => void; count: () => number } {
  let go: (() => void) | undefined
  let count = 0
  const writable = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_batch, _encoding, done) => {
      count++
      go = done
    },
  })
  return { writable, go: () => go?.(), count: () => count }
}

void t.test('fan-in: any number of senders wait for one Writable with few listeners', async (tap) => {
  const { writable, go } = target()
  const to = receiverFor('sink', () => writable)
  const waits = Array.from({ length: 50 }, () => to.send(batchOf('a').batch))
  tap.ok(waits.every((wait) => wait instanceof Promise))
  tap.ok(writable.listenerCount('drain') <= 2 && writable.listenerCount('close') <= 2)
  for (let i = 0; i < 50; i++) {
    go()
    await turn()
  }
  await Promise.all(waits.map((wait) => Promise.resolve(wait)))
  tap.equal(writable.listenerCount('drain'), 0)
})

void t.test('a Writable that goes away lets its senders go', async (tap) => {
  const { writable } = target()
  const to = receiverFor('sink', () => writable)
  const wait = to.send(batchOf('a').batch)
  writable.destroy()
  await wait
  await to.send(batchOf('b').batch)
  const failing = target().writable
  failing.on('error', () => {})
  const failed = receiverFor('sink', () => failing)
  const before = failed.send(batchOf('a').batch)
  failing.destroy(new Error('disk full'))
  await tap.rejects(Promise.resolve(before), /disk full/)
  await tap.rejects(Promise.resolve(failed.send(batchOf('b').batch)), /disk full/, 'and who comes later')
})

void t.test('how long each receiver keeps it waiting', async (tap) => {
  const quick = receiver('quick')
  const slow = receiver('slow', true)
  const fanout = new Fanout([quick, slow])
  tap.same(fanout.waitedMs, [0, 0])
  const sent = fanout.send(batchOf('a').batch)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const [none, some] = fanout.waitedMs
  tap.equal(none, 0)
  tap.ok(some! >= 15, `while it waits: ${some} ms`)
  slow.open()
  await sent
  const [, after] = fanout.waitedMs
  await new Promise((resolve) => setTimeout(resolve, 20))
  tap.equal(fanout.waitedMs[1], after, 'and no longer')
  tap.end()
})
