import fc from 'fast-check'
import t from 'tap'
import { HeaderReader, headersOf } from '../../../../lib/components/loki.sink.kafka/message-format.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'

const bytes = (headers: readonly (readonly [string, string])[]): [string, Buffer][] =>
  headers.map(([name, value]) => [name, Buffer.from(value)])

const reader = new HeaderReader()

void t.test('labels, time, structured metadata and tenant come back as they were', (tap) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  const name = fc.stringMatching(/^[a-z]\w{0,8}$/)
  fc.assert(
    fc.property(
      fc.dictionary(
        name,
        text.filter((value) => value !== ''),
        { maxKeys: 4 },
      ),
      fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
      fc.nat(999_999_999),
      fc.array(fc.tuple(text, text), { maxLength: 3 }),
      text,
      (labels, seconds, nanos, structuredMetadata, tenant) => {
        const set = labelSet(labels)
        const entry = { labels: set.text, seconds, nanos, structuredMetadata }
        const carried = reader.read([['other', Buffer.from('x')], ...bytes(headersOf(entry, tenant))])!
        tap.same(carried.labels.toObject(), tenant === '' ? labels : { ...labels, __tenant_id__: tenant })
        tap.same([carried.time.seconds, carried.time.nanos], [seconds, nanos])
        tap.same(carried.metadata, structuredMetadata)
      },
    ),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('other messages, and headers that were damaged, are not of the format', (tap) => {
  const good: [string, string][] = [
    ['logstream.labels', '{a="b"}'],
    ['logstream.timestamp', '1767323045000000001'],
    ['logstream.metadata', '[["k","v"]]'],
  ]
  tap.match(reader.read(bytes(good)), { time: { seconds: 1_767_323_045, nanos: 1 }, metadata: [['k', 'v']] })
  tap.equal(reader.read([]), undefined)
  tap.equal(reader.read(bytes(good.slice(1))), undefined)
  const damaged = (at: number, value: string): unknown =>
    reader.read(bytes(good.map(([name, text], i) => [name, i === at ? value : text])))
  for (const labels of ['', '{a=', '{a="b"} rest']) tap.equal(damaged(0, labels), undefined, labels)
  for (const time of ['', '12a', '99999999999999999999999']) tap.equal(damaged(1, time), undefined, time)
  for (const pairs of ['{}', '[["k"]]', '[["k",1]]', '[', 'null'])
    tap.equal(damaged(2, pairs), undefined, pairs)
  const [, time] = good as [unknown, [string, string]]
  const internal = reader.read(bytes([['logstream.labels', '{__tenant_id__="x", a="b"}'], time]))
  tap.same(internal?.labels.toObject(), { a: 'b' }, 'internal labels have no business there')
  tap.end()
})
