import fc from 'fast-check'
import t from 'tap'
import { NewerVersion } from '../../../lib/disk/entry-files.ts'
import { positionsFormat } from '../../../lib/disk/positions-format.ts'

const generation = {
  device: '65024',
  inode: '18446744073709551615',
  head: 1024,
  hash: '0eb403f42e632b72',
  offset: 120,
  anchor: 1216466610,
  size: 240,
  since: 1795384634245.177,
}
const entry = (changes: object): string =>
  JSON.stringify({ path: '/a', labels: '{}', generations: [generation], ...changes })
const parse = (text: string): unknown => positionsFormat.parse(Buffer.from(text)).map(({ value }) => value)

void t.test('reads what it writes', async (t) => {
  const read = parse(positionsFormat.text([entry({}), entry({ path: '/b', generations: [] })]))
  t.strictSame(read, [
    { path: '/a', labels: '{}', generations: [generation], damaged: false },
    { path: '/b', labels: '{}', generations: [], damaged: false },
  ])
  t.strictSame(parse(positionsFormat.text([])), [])
})

void t.test('an entry that is wrong is damaged, the others are not', async (t) => {
  for (const wrong of [
    { generations: null },
    { generations: [{ ...generation, offset: -1 }] },
    { generations: [{ ...generation, offset: '120' }] },
    { generations: [{ ...generation, inode: 7 }] },
    { labels: 7 },
  ]) {
    const read = parse(positionsFormat.text([entry(wrong), entry({ path: '/b' })]))
    t.match(
      read,
      [
        { path: '/a', damaged: true, generations: [] },
        { path: '/b', damaged: false },
      ],
      JSON.stringify(wrong),
    )
  }
  t.strictSame(parse(positionsFormat.text(['7', '{"labels":"{}"}'])), [], 'without a path it is nothing')
})

void t.test('a file that is something else says why', async (t) => {
  t.throws(() => parse(''), /expected JSON, found 0 other bytes/)
  t.throws(() => parse('[]'), /expected a JSON object/)
  t.throws(
    () => parse('{"logstream_positions":2,"files":[]}'),
    new NewerVersion('expected "logstream_positions" up to 1, found 2, which a newer version has written'),
  )
  t.throws(() => parse('{"files":[]}'), /"logstream_positions": 1/)
  t.throws(() => parse('{"logstream_positions":1}'), /a list "files"/)
})

void t.test('whatever the bytes, it reads or throws an Error', async () => {
  const text = positionsFormat.text([entry({})])
  fc.assert(
    fc.property(fc.nat(text.length), fc.uint8Array({ maxLength: 8 }), (at, garbage) => {
      const bytes = Buffer.from(text)
      bytes.set(garbage.subarray(0, bytes.length - at), at)
      try {
        return Array.isArray(positionsFormat.parse(bytes))
      } catch (error) {
        return error instanceof Error && error.message.startsWith('expected')
      }
    }),
  )
})

void t.test('each entry knows when it changed', async (t) => {
  const value = { path: '/a', labels: '{}', generations: [generation], damaged: false }
  const text = positionsFormat.text([positionsFormat.entry(value, 1234), entry({})])
  t.strictSame(
    positionsFormat.parse(Buffer.from(text)).map(({ changed }) => changed),
    [1234, 0],
  )
})
