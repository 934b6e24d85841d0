import fc from 'fast-check'
import t from 'tap'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../lib/net/kafka/consumer-protocol.ts'

const topic = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const assignment = fc
  .uniqueArray(fc.tuple(topic, fc.array(fc.nat(1000), { maxLength: 5 })), {
    selector: ([name]) => name,
    maxLength: 4,
  })
  .map((pairs) => new Map(pairs))

void t.test('what members tell each other comes back', (tap) => {
  fc.assert(
    fc.property(fc.array(topic, { maxLength: 4 }), assignment, (topics, owned) => {
      tap.same(decodeSubscription(encodeSubscription({ topics, owned })), { topics, owned })
      tap.same(decodeAssignment(encodeAssignment(owned)), owned)
    }),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('bytes of other clients: none, other user data, and a list that never ends', (tap) => {
  tap.same(decodeAssignment(Buffer.alloc(0)), new Map())
  const foreign = Buffer.concat([
    Buffer.from([0, 1, 0, 0, 0, 1, 0, 1, 0x78, 0, 0, 0, 3]),
    Buffer.from([255, 255, 255]),
    Buffer.from([0, 0, 0, 0]),
  ])
  tap.same(decodeSubscription(foreign), { topics: ['x'], owned: new Map() })
  tap.throws(() => decodeAssignment(Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff])), RangeError)
  tap.throws(() => decodeAssignment(Buffer.from([0, 0, 0, 0, 0, 1, 0, 9, 1])), RangeError)
  tap.end()
})
