import t from 'tap'
import { LOKI_LIMITS, Refusals } from '../../../lib/check/refusals.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'

const BEGAN = Date.UTC(2026, 10, 29)
const HOUR = 3_600_000
const labels = labelSet({ job: 'a' })

/** Entries of one stream, as times in milliseconds before the check, and bytes. */
function refused(entries: readonly (readonly [agoMs: number, bytes?: number])[], limited = true): string[] {
  const refusals = new Refusals(limited ? LOKI_LIMITS : undefined, BEGAN)
  const stream = refusals.stream(labels, '', undefined)
  entries.forEach(([ago, bytes = 10], i) => {
    const at = BEGAN - ago
    const entry = new Entry(
      Math.floor(at / 1000),
      (at % 1000) * 1e6,
      'x'.repeat(Math.min(bytes, 300_000)),
      labels,
    )
    refusals.add(stream, entry, bytes, i + 1)
  })
  return refusals.finish().map(({ reason, entries: of, line }) => `${reason} ${of} ${line}`)
}

void t.test('times are those of a sample that arrives as it was written', (tap) => {
  tap.same(refused([[400 * 24 * HOUR], [400 * 24 * HOUR - 1000]]), [], 'an old sample')
  tap.same(refused([[8 * 24 * HOUR], [0.5 * HOUR]]), ['greater_than_max_sample_age 1 1'])
  tap.same(refused([[HOUR], [-0.5 * HOUR]]), ['too_far_in_future 1 2'], 'no entry arrives later than now')
  tap.same(refused([[0], [0]]), [], 'no times of their own')
  tap.same(refused([[1 * HOUR], [2.5 * HOUR], [1.5 * HOUR]]), ['too_far_behind 1 2'])
  tap.end()
})

void t.test('size and rate', (tap) => {
  tap.same(refused([[HOUR, 300_000]]), ['line_too_long 1 1'])
  const mib = 1024 ** 2
  const second = (i: number): readonly [number, number] => [HOUR - i, 200_000]
  // 20 MB within a tenth of a second: the burst of a tenant is 6, that of a stream 15.
  const burst = refused(Array.from({ length: 100 }, (_, i) => second(i)))
  tap.match(burst[0], /^rate_limited \d+ 33$/)
  tap.match(burst[1], /^per_stream_rate_limit \d+ 80$/)
  const slow = Array.from({ length: 100 }, (_, i): readonly [number, number] => [HOUR - i * 1000, mib])
  tap.same(
    refused(slow).filter((each) => each.includes('rate')),
    [],
    'a megabyte a second',
  )
  tap.same(refused([[HOUR, 300_000]], false), [], 'nothing limits')
  tap.end()
})

void t.test('labels and streams', (tap) => {
  const refusals = new Refusals({ ...LOKI_LIMITS, maxStreams: 2 }, BEGAN)
  const of = (each: Record<string, string>, tenant = '', invalid?: string): string | undefined =>
    refusals.stream(labelSet(each), tenant, invalid).fault?.reason
  tap.equal(of({ a: '1' }), undefined)
  tap.equal(of({}), 'missing_labels')
  tap.equal(of({ a: '2' }), 'stream_limit')
  tap.equal(of({ a: '2' }, 'other'), undefined, 'each tenant has its own')
  const many = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`l${i}`, 'x']))
  tap.equal(of(many, 'third'), 'max_label_names_per_series')
  tap.equal(of({ a: 'x'.repeat(2049) }, 'third'), 'label_value_too_long')
  tap.equal(of({ a: 'x' }, 'fourth', 'label name "a-b"'), 'invalid_labels')
  tap.end()
})
