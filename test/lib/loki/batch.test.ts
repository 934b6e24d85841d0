/** Grouping: when a batch closes, by a clock that the test moves, and that a cut one keeps entries with their acks. */
import t from 'tap'
import { NO_ACK, type Ack } from '../../../lib/flow/ack.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS, labelGeneration, labelSet, sizeLabelGenerations } from '../../../lib/flow/labels.ts'
import type { SealedBatch } from '../../../lib/delivery/destination.ts'
import { Batcher, pickEntries, readBatch } from '../../../lib/loki/batch.ts'
import { StepClock } from '../../support/step-clock.ts'

const make = (batchWait = 1000): { clock: StepClock; batcher: Batcher; sealed: SealedBatch[] } => {
  const clock = new StepClock(0)
  const sealed: SealedBatch[] = []
  const batcher = new Batcher(
    { batchSize: 1000, batchWait, maxStreams: 0, tenant: 'base', externalLabels: EMPTY_LABELS, clock },
    {
      born: () => clock.now(),
      sealed: (batch) => sealed.push(batch),
      limited: () => {},
      unsendable: () => {},
    },
  )
  return { clock, batcher, sealed }
}

const entry = (line: string, labels: Record<string, string>): Entry => new Entry(1, 2, line, labelSet(labels))

void t.test('a batch closes batch_wait after its first entry', (t) => {
  const { clock, batcher, sealed } = make()
  batcher.add(entry('a', { j: '1' }), NO_ACK)
  clock.advance(900)
  batcher.add(entry('b', { j: '1' }), NO_ACK)
  batcher.add(entry('c', { j: '1', __tenant_id__: 'other' }), NO_ACK)
  t.equal(batcher.openBytes, 3)
  clock.advance(99)
  t.equal(sealed.length, 0)
  clock.advance(1)
  t.same(
    sealed.map(({ route, entries, bornAt }) => ({ route, entries, bornAt })),
    [{ route: 'base', entries: 2, bornAt: 0 }],
  )
  clock.advance(900)
  t.match(sealed[1], { route: 'other', entries: 1, bornAt: 900 })
  clock.advance(10_000)
  t.equal(sealed.length, 2, 'an empty batch is none')
  t.end()
})

void t.test('no batch_wait is a short one', (t) => {
  const { clock, batcher, sealed } = make(0)
  batcher.add(entry('a', { j: '1' }), NO_ACK)
  t.equal(sealed.length, 0)
  clock.advance(10)
  t.equal(sealed.length, 1)
  t.end()
})

void t.test('label sets that differ only in hidden labels are one stream', (t) => {
  const { batcher, sealed } = make()
  for (const hidden of ['1', '2', '3']) batcher.add(entry(hidden, { j: '1', __h__: hidden }), NO_ACK)
  batcher.flush()
  t.match(sealed, [{ entries: 3, bytes: 3 }])
  t.end()
})

void t.test('entries without labels, and two batchers that take the same label sets in turns', (t) => {
  const two = [make(), make()]
  for (const line of ['a', 'b'])
    for (const { batcher } of two) {
      batcher.add(entry(line, {}), NO_ACK)
      batcher.add(entry(line, { j: '1' }), NO_ACK)
    }
  for (const { batcher, sealed } of two) {
    batcher.flush()
    t.same(
      readBatch(sealed[0]!).map(({ labels, line }) => [labels, line]),
      [['{}', 'a'], ['{}', 'b'], ['{j="1"}', 'a'], ['{j="1"}', 'b']],
    ) // prettier-ignore
  }
  t.end()
})

void t.test('acknowledgements stay with their entries, also in parts', (t) => {
  const { batcher, sealed } = make()
  const names = new Map<Ack, string>()
  for (let i = 0; i < 7; i++) {
    const ack: Ack = { replayable: i !== 3, settle: () => {} }
    names.set(ack, `line ${i}`)
    batcher.add(entry(`line ${i}`, { j: String(i % 3) }), ack)
  }
  batcher.flush()
  const [batch] = sealed as [SealedBatch]
  t.equal(batch.replayable, false)
  const half = pickEntries(batch, readBatch(batch), [3, 4, 5, 6])
  const parts = [
    batch,
    pickEntries(batch, readBatch(batch), [0, 2, 5]),
    half,
    pickEntries(half, readBatch(half), [0, 1]),
    pickEntries(half, readBatch(half), [3]),
  ]
  for (const part of parts)
    t.same(
      readBatch(part).map(({ line }) => line),
      part.acks.toArray().map((ack) => names.get(ack)),
    )
  t.same(
    parts.map(({ entries, bytes }) => [entries, bytes]),
    [7, 3, 4, 2, 1].map((n) => [n, n * 6]),
  )
  t.end()
})

void t.test('what no Loki and no header can take is told apart', (t) => {
  const clock = new StepClock(0)
  const reasons: string[] = []
  const batcher = new Batcher(
    { batchSize: 1000, batchWait: 1, maxStreams: 0, tenant: '', externalLabels: EMPTY_LABELS, clock },
    {
      born: () => clock.now(),
      sealed: () => t.fail('nothing to send'),
      limited: () => {},
      unsendable: (_sent, _tenant, _ack, reason) => reasons.push(reason),
    },
  )
  batcher.add(entry('a', { 'a-b': '1' }), NO_ACK)
  batcher.add(entry('a', { a: '1', __tenant_id__: 'x\ny' }), NO_ACK)
  batcher.flush()
  t.match(reasons, [/^label name "a-b"/, /^tenant "x\\ny"/])
  t.end()
})

void t.test(
  'streams come in the order of their first entries in a push, whatever the pushes before had',
  (t) => {
    const { batcher, sealed } = make()
    for (const streams of ['abc', 'cadb', 'd', 'bacd']) {
      for (const [i, name] of [...streams, ...streams].entries())
        batcher.add(entry(`${name} ${i}`, { j: name }), NO_ACK)
      batcher.flush()
      const lines = readBatch(sealed.at(-1)!).map(({ labels, line }) => `${labels} ${line}`)
      t.same(
        lines,
        [...streams].flatMap((name, i) => [i, i + streams.length].map((k) => `{j="${name}"} ${name} ${k}`)),
      )
    }
    t.end()
  },
)

void t.test('a stream stays one when its label set is forgotten; batches of all tenants are found', (t) => {
  t.teardown(() => sizeLabelGenerations(65_536))
  sizeLabelGenerations(4)
  const { batcher, sealed } = make()
  const forgetLabels = (): void => {
    const before = labelGeneration()
    for (let i = 0; labelGeneration() === before; i++) labelSet({ forget: `${before} ${i}` })
  }
  for (let i = 0; i < 3; i++) {
    for (const tenant of ['x', 'y'])
      batcher.add(entry(`${tenant}${i}`, { j: '1', __tenant_id__: tenant }), NO_ACK)
    forgetLabels()
  }
  t.equal(batcher.openBytes, 12)
  batcher.flush()
  t.equal(batcher.openBytes, 0)
  forgetLabels()
  batcher.add(entry('y3', { j: '1', __tenant_id__: 'y' }), NO_ACK)
  batcher.add(entry('x3', { j: '1', __tenant_id__: 'x' }), NO_ACK)
  batcher.flush()
  t.same(
    sealed.map((batch) => [batch.route, readBatch(batch).map(({ line }) => line)]),
    [
      ['x', ['x0', 'x1', 'x2']],
      ['y', ['y0', 'y1', 'y2']],
      ['y', ['y3']],
      ['x', ['x3']],
    ],
  )
  t.end()
})

void t.test('max_streams counts those of one push', (t) => {
  const clock = new StepClock(0)
  const sealed: SealedBatch[] = []
  let limited = 0
  const batcher = new Batcher(
    { batchSize: 1000, batchWait: 1, maxStreams: 2, tenant: '', externalLabels: EMPTY_LABELS, clock },
    { born: () => 0, sealed: (batch) => sealed.push(batch), limited: () => limited++, unsendable: () => {} },
  )
  for (const streams of ['abc', 'cba']) {
    for (const name of streams) batcher.add(entry(name, { j: name }), NO_ACK)
    batcher.flush()
  }
  t.equal(limited, 2)
  t.same(
    sealed.map((batch) => readBatch(batch).map(({ line }) => line)),
    [
      ['a', 'b'],
      ['c', 'b'],
    ],
  )
  t.end()
})
