import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Batch } from '../../../../lib/flow/batch.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../../lib/flow/labels.ts'
import { Gate } from '../../../../lib/run/supervise/gate.ts'

const batch = (line: string): Batch => new Batch([new Entry(0, 0, line, EMPTY_LABELS)])

function sink(): { writable: Writable; lines: string[] } {
  const lines: string[] = []
  const writable = new Writable({
    objectMode: true,
    highWaterMark: 8,
    write: (each: Batch, _encoding, done) => {
      lines.push(...each.take().map(({ line }) => line))
      done()
    },
  })
  return { writable, lines }
}

void t.test('batches wait at a shut gate and go to the next receiver, in order', async (tap) => {
  const gate = new Gate('x')
  tap.equal(gate.id, 'x')
  const [first, second] = [sink(), sink()]
  const waiting = [gate.send(batch('a')), gate.send(batch('b'))]
  await turn()
  tap.same(first.lines, [])
  gate.open(first.writable)
  await Promise.all(waiting.map((each) => Promise.resolve(each)))
  tap.equal(gate.send(batch('c')), undefined)
  gate.shut()
  const late = gate.send(batch('d'))
  gate.open(second.writable)
  await Promise.resolve(late)
  tap.same([first.lines, second.lines], [['a', 'b', 'c'], ['d']])
})

void t.test('watchers see what goes in, before it does', (tap) => {
  const gate = new Gate('x')
  const { writable } = sink()
  gate.open(writable)
  const seen: string[] = []
  const release = gate.watch((each) => seen.push(...each.peek().map(({ line }) => line)))
  void gate.send(batch('a'))
  release()
  void gate.send(batch('b'))
  tap.same(seen, ['a'])
  tap.end()
})
