/** Pushes as JSON; the recorded ones are in the test of the routes. */
import fc from 'fast-check'
import t from 'tap'
import { decodeJsonPush, splitNanos } from '../../../lib/loki/push-json.ts'

void t.test('times', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (time) => {
      const { seconds, nanos } = splitNanos(String(time))
      t.equal(BigInt(seconds) * 1_000_000_000n + BigInt(nanos), time)
      t.ok(nanos >= 0 && nanos < 1e9)
    }),
    { numRuns: 100 },
  )
  t.end()
})

void t.test('strict and lenient', (t) => {
  const entry = (value: string): string => `{"streams":[{"stream":{"a":"b"},"values":[${value}]}]}`
  const good: readonly (readonly [text: string, streams: number])[] = [
    ['null', 0],
    ['{"streams":null}', 0],
    ['{"streams":[{}]}', 1],
    ['{"Streams":[{},{}]}', 2],
    ['{"streams":[{"stream":{"a":null},"values":null}]}', 1],
    [`${entry('["1","x"]')} and more {`, 1],
    [`{"streams":3,"streams":[]}`, 0],
    [entry('["1","}\\"{",{"k":"v"}]'), 1],
  ]
  for (const [text, streams] of good) {
    const decoded = decodeJsonPush(text)
    t.equal(decoded.ok && decoded.streams.length, streams, text)
  }
  const bad = [
    '',
    '[]',
    '3',
    '{',
    '{"streams":{}}',
    '{"STREAMS":1}',
    '{"streams":[3]}',
    '{"streams":[{"stream":"{}"}]}',
  ]
  const entries = [
    '3',
    '[]',
    '[1,"x"]',
    '["","x"]',
    '["1e9","x"]',
    '["1",null]',
    '["1","x",null]',
    '["1","x",{"a":null}]',
  ]
  for (const text of [...bad, ...entries.map(entry), '{"streams":[{"stream":{"a b":"c"}}]}']) {
    const decoded = decodeJsonPush(text)
    t.equal(decoded.ok, false, text)
    t.match(decoded, { error: /expected|valid label name/ })
  }
  t.end()
})

void t.test('anything is answered', (t) => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      t.type(decodeJsonPush(text).ok, 'boolean')
    }),
    { numRuns: 100 },
  )
  t.end()
})
