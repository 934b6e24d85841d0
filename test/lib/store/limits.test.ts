/** What is refused, and under which reason. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { checkEntry, checkLabels, tooManyStreams } from '../../../lib/store/limits.ts'
import { StreamRecord } from '../../../lib/store/stream-table.ts'
import { limits } from '../../support/store-harness.ts'

void t.test('labels', (t) => {
  const many = (count: number, more: Record<string, string> = {}): Record<string, string> => ({
    ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'v'])),
    ...more,
  })
  const cases: readonly (readonly [Record<string, string>, string | undefined])[] = [
    [{ a: 'b' }, undefined],
    [{}, 'missing_labels'],
    [many(15, { service_name: 's' }), undefined],
    [many(16), 'max_label_names_per_series'],
    [{ ['n'.repeat(1024)]: 'v' }, undefined],
    [{ ['n'.repeat(1025)]: 'v' }, 'label_name_too_long'],
    [{ a: 'ä'.repeat(1024) }, undefined],
    [{ a: 'ä'.repeat(1025) }, 'label_value_too_long'],
  ]
  for (const [labels, reason] of cases)
    t.equal(checkLabels(labelSet(labels), limits({}))?.reason, reason, JSON.stringify(labels).slice(0, 60))
  t.equal(tooManyStreams(labelSet({ a: 'b' }), limits({})).status, 429)
  t.end()
})

void t.test('entries', (t) => {
  const now = 1_767_607_200_000
  const stream = new StreamRecord(1, labelSet({ a: 'b' }), true)
  stream.advance(now / 1000, 0)
  const at = (ms: number, line = 'x', structuredMetadata: [string, string][] = []) => {
    const seconds = Math.floor((now + ms) / 1000)
    return { seconds, nanos: (now + ms - seconds * 1000) * 1e6, line, structuredMetadata }
  }
  const hour = 3_600_000
  const pairs = (count: number): [string, string][] => Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])
  const cases: readonly (readonly [
    ReturnType<typeof at>,
    string | undefined,
    Parameters<typeof limits>[0]?,
  ])[] = [
    [at(0), undefined],
    [at(600_000), undefined],
    [at(600_001), 'too_far_in_future'],
    [at(-hour), undefined],
    [at(-hour - 1), 'too_far_behind'],
    [at(-hour - 1), undefined, { maxChunkAge: 0 }],
    [at(-200 * hour), undefined, { maxChunkAge: 0 }],
    [at(-169 * hour), 'greater_than_max_sample_age', { rejectOldSamples: true }],
    [at(0, 'x'.repeat(262_144)), undefined],
    [at(0, 'x'.repeat(262_145)), 'line_too_long'],
    [at(0, 'x'.repeat(262_145)), undefined, { maxLineSize: 0 }],
    [at(0, 'x', pairs(128)), undefined],
    [at(0, 'x', pairs(129)), 'structured_metadata_too_many'],
    [at(0, 'x', [['k', 'v'.repeat(65_536)]]), 'structured_metadata_too_large'],
  ]
  for (const [entry, reason, changes = {}] of cases)
    t.equal(checkEntry(stream, entry, limits(changes), now)?.reason, reason)
  t.end()
})
