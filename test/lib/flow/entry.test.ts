import t from 'tap'
import { NO_ACK, SourceAck } from '../../../lib/flow/ack.ts'
import { Entry, NO_METADATA } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'

void t.test('extracted starts with the labels as they were when the loki.process began', (tap) => {
  const entry = new Entry(1, 2, 'line', labelSet({ app: 'a' }))
  entry.labels = labelSet({ app: 'changed' })
  tap.same([...entry.extracted.toMap()], [['app', 'a']], 'labels of later stages are not extracted')
  entry.extracted.set('x', 1)
  entry.resetExtracted()
  tap.same([...entry.extracted.toMap()], [['app', 'changed']], 'the next loki.process begins afresh')
  tap.end()
})

void t.test('a clone has everything and shares nothing that changes', (tap) => {
  const entry = new Entry(5, 6, 'line', labelSet({ a: '1' }))
  tap.equal(entry.structuredMetadata, NO_METADATA)
  entry.structuredMetadata = [['trace', 'abc']]
  entry.extracted.set('x', 'y')
  const clone = entry.clone(NO_ACK)
  clone.line = 'other'
  clone.labels = clone.labels.with('a', '2')
  clone.extracted.set('x', 'z')
  entry.extracted.set('only', 'here')
  tap.same([clone.seconds, clone.nanos, clone.structuredMetadata], [5, 6, [['trace', 'abc']]])
  tap.same([entry.line, entry.labels.toObject(), entry.extracted.get('x')], ['line', { a: '1' }, 'y'])
  tap.equal(clone.extracted.has('only'), false)
  tap.end()
})

void t.test('a clone before anything was extracted starts with the same labels', (tap) => {
  const entry = new Entry(0, 0, '', labelSet({ a: '1' }))
  entry.labels = labelSet({ b: '2' })
  tap.same([...entry.clone(NO_ACK).extracted.toMap()], [['a', '1']])
  tap.end()
})

void t.test('split parts share one unit', (tap) => {
  const ledger = new Ledger()
  ledger.units(1)
  const ack = new SourceAck({ ledger, replayable: true, settled: () => {} }, 1)
  const entry = new Entry(0, 0, 'l', labelSet({}), ack)
  const parts = entry.split(3)
  tap.equal(parts.length, 3)
  tap.equal(parts[0], entry, 'the first is the entry itself')
  tap.equal(new Set(parts).size, 3)
  parts[1]!.ack.settle(dropped('x'))
  parts[0]!.ack.settle(DELIVERED)
  tap.equal(ledger.inFlight, 1)
  parts[2]!.ack.settle(DELIVERED)
  tap.same(ledger.rows(), [{ state: 'dropped', reason: 'x', units: 1 }])
  tap.end()
})
