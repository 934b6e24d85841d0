/** Counts in buckets of time: what was written is read, and files with few rows have none. */
import t from 'tap'
import fc from 'fast-check'
import { BucketCounts, BucketWriter, bucketLength } from '../../../../lib/store/sealed/bucket-counts.ts'

const SECOND = 1_000_000_000n

const cell = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  metadata: fc.constantFrom('', '=info', '=ä "'),
  bucket: fc.integer({ min: 0, max: 2 ** 40 }),
  rows: fc.integer({ min: 1, max: 2 ** 40 }),
})

void t.test('a round trip', (t) => {
  fc.assert(
    fc.property(fc.array(cell), fc.nat(2 ** 40), fc.nat(2 ** 40), (cells, a, b) => {
      const sorted = cells.toSorted((one, other) => one.bucket - other.bucket)
      const writer = new BucketWriter(60n * SECOND)
      for (const each of sorted) writer.add(each)
      const read = BucketCounts.of(writer.bytes())!
      t.equal(read.length, 60n * SECOND)
      t.same([...read.within(0, Infinity)], sorted)
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      t.same(
        [...read.within(from, to)],
        sorted.filter(({ bucket }) => bucket >= from && bucket < to),
      )
    }),
    { numRuns: 20 },
  )
  t.equal(BucketCounts.of(new Uint8Array()), undefined)
  t.end()
})

void t.test('the length of buckets', (t) => {
  const hour = 3600n * SECOND
  t.equal(bucketLength(1_000_000, 50, hour), 15n * SECOND)
  t.equal(bucketLength(50_000, 50, hour), 60n * SECOND)
  t.equal(bucketLength(6000, 50, hour), 300n * SECOND)
  t.equal(bucketLength(1000, 50, hour), undefined)
  t.equal(bucketLength(1_000_000, 50_000, hour), undefined)
  t.end()
})
