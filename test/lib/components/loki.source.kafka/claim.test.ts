/** One partition in a member's hands: order, room, acknowledgements, fencing. */
import t from 'tap'
import { Claim } from '../../../../lib/components/loki.source.kafka/claim.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../../lib/flow/labels.ts'
import { dropped, DELIVERED } from '../../../../lib/flow/outcome.ts'
import { Intake } from '../../../../lib/intake/intake.ts'
import { until } from '../../../support/component-run.ts'
import { recordBatch, testTools, type BatchOptions } from '../../../support/record-batch.ts'
import { sourceContext } from '../../../support/source.ts'

function setup(offset = 0) {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  const refused: string[] = []
  const state = { advanced: 0, ready: 0 }
  const claim = new Claim({
    topic: 't',
    partition: 3,
    offset,
    intake,
    entriesOf: ({ value }) => {
      const line = value!.toString()
      if (line === 'drop') return dropped('test')
      return line.split('+').map((part) => new Entry(1, 0, part, EMPTY_LABELS))
    },
    tools: testTools,
    onAdvance: () => void state.advanced++,
    onReady: () => void state.ready++,
    onRefused: (_claim, messages, { fault }) => void refused.push(`${fault} ${messages}`),
  })
  const next = async (): Promise<Entry[]> => {
    let batch: Batch | null = null
    await until(() => (batch = intake.output.read() as Batch | null) !== null)
    return [...(batch as unknown as Batch).take()]
  }
  return { ctx, claim, refused, state, next }
}

const batch = (lines: readonly string[], options?: BatchOptions): Buffer =>
  recordBatch(
    lines.map((line) => ({ value: Buffer.from(line) })),
    options,
  )
const settle = (entries: readonly Entry[]): void => entries.forEach(({ ack }) => ack.settle(DELIVERED))

void t.test('the offset moves over what was acknowledged, and over gaps', async (tap) => {
  const { claim, next, state } = setup(10)
  tap.ok(claim.wants)
  claim.take(
    Buffer.concat([
      batch(['a', 'b'], { baseOffset: 10 }),
      batch(['c'], { baseOffset: 12, lastOffsetDelta: 7 }),
    ]),
  )
  const entries = await next()
  tap.same(
    entries.map(({ line }) => line),
    ['a', 'b', 'c'],
  )
  tap.equal(claim.next, 20)
  tap.ok(claim.wants && state.ready > 0)
  tap.equal(claim.uncommitted, undefined)
  settle(entries)
  tap.same(claim.uncommitted, { topic: 't', partition: 3, offset: 20 })
  claim.committed(20)
  tap.equal(claim.uncommitted, undefined)
  claim.take(batch(['end of a transaction'], { baseOffset: 20, attributes: 0x20 }))
  await until(() => claim.position === 21)
  tap.equal(claim.uncommitted?.offset, 21, 'nothing to acknowledge')
})

void t.test(
  'a message of several entries is acknowledged with the last of them; one may end without any',
  async (tap) => {
    const { claim, next, ctx } = setup()
    claim.take(batch(['a+b', 'drop', 'c']))
    const entries = await next()
    tap.equal(entries.length, 3)
    tap.same(ctx.ledger.rows(), [{ state: 'dropped', reason: 'test', units: 1 }])
    settle(entries.slice(0, 1))
    tap.equal(claim.uncommitted, undefined)
    settle(entries.slice(1))
    tap.equal(claim.uncommitted?.offset, 3)
  },
)

void t.test('what cannot be read is counted and passed over', async (tap) => {
  const { claim, next, refused, ctx } = setup()
  claim.take(Buffer.concat([batch(['x', 'y'], { magic: 1 }), batch(['a'], { baseOffset: 2 })]))
  settle(await next())
  tap.equal(claim.uncommitted?.offset, 3)
  tap.same(refused, ['unsupported_format 1'])
  tap.same(
    ctx.ledger.rows().find(({ state }) => state === 'dropped'),
    { state: 'dropped', reason: 'kafka_unsupported_format', units: 1 },
  )
})

void t.test('of a batch that is damaged within, what comes first is read', async (tap) => {
  const { claim, next, refused } = setup()
  claim.take(batch(['a', 'b'], { count: 5, lastOffsetDelta: 4 }))
  const entries = await next()
  tap.same(
    entries.map(({ line }) => line),
    ['a', 'b'],
  )
  settle(entries)
  tap.equal(claim.uncommitted?.offset, 5)
  tap.same(refused, ['corrupt 3'])
})

void t.test('a batch of many empty messages is not unfolded at once', async (tap) => {
  const { claim, next } = setup()
  claim.take(batch(Array.from({ length: 20_000 }, () => '')))
  await next()
  tap.ok(claim.next < 5000, `${claim.next} were read`)
  claim.pause()
})

void t.test('a pause forgets what was not handed on, and reading goes on there', async (tap) => {
  const { claim, next } = setup()
  claim.take(batch(['a']))
  const first = await next()
  claim.pause()
  tap.notOk(claim.wants)
  claim.take(batch(['b'], { baseOffset: 1 }))
  tap.equal(claim.next, 1, 'an answer that comes late is dropped')
  claim.resume()
  tap.ok(claim.wants)
  claim.take(batch(['a', 'b']))
  const second = await next()
  tap.same(
    second.map(({ line }) => line),
    ['b'],
    'the beginning of the batch was read before',
  )
  settle([...first, ...second])
  tap.equal(claim.uncommitted?.offset, 2)
})

void t.test('once fenced, nothing is committed, however late it is acknowledged', async (tap) => {
  const { claim, next, state } = setup()
  claim.take(batch(['a']))
  const entries = await next()
  claim.fence()
  settle(entries)
  tap.equal(claim.uncommitted, undefined)
  tap.equal(state.advanced, 0)
  await claim.settled()
})

void t.test('no more is read than there is room for', async (tap) => {
  const { claim, next } = setup()
  const large = 'x'.repeat(1024 * 1024)
  const batches = Array.from({ length: 40 }, (_, i) => batch([large], { baseOffset: i }))
  claim.take(Buffer.concat(batches))
  const held: Entry[] = []
  while (held.length < 17) held.push(...(await next()))
  tap.ok(claim.next < 25, `16 MiB are unacknowledged, and offset ${claim.next} is next`)
  tap.notOk(claim.wants)
  let ended = 0
  while (ended < 40) {
    settle(held)
    ended += held.splice(0).length
    if (ended < 40) held.push(...(await next()))
  }
  tap.equal(claim.uncommitted?.offset, 40)
})
