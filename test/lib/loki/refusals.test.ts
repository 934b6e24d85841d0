/** What Loki's answers mean. */
import t from 'tap'
import type { SentEntry } from '../../../lib/delivery/destination.ts'
import { classify, refusalName, refusedEntries } from '../../../lib/loki/refusals.ts'

void t.test('answers', (t) => {
  const cases: [status: number, reason: string, kind: string][] = [
    [204, '', 'accepted'],
    [200, '', 'accepted'],
    [0, 'no answer', 'unavailable'],
    [500, '', 'failed'],
    [503, '', 'unavailable'],
    [429, '', 'slow_down'],
    [413, '', 'too_large'],
    [400, 'entry for stream \'{a="b"}\' has timestamp too new', 'refused'],
    [422, 'error at least one valid stream is required for ingestion', 'refused'],
    [400, '<html>bad request</html>', 'denied'],
    [400, 'Client sent an HTTP request to an HTTPS server.', 'denied'],
    [400, 'snappy: corrupt input', 'denied'],
    [301, '', 'denied'],
    [401, 'no org id', 'denied'],
    [403, '', 'denied'],
    [404, '404 page not found', 'denied'],
  ]
  for (const [status, reason, kind] of cases)
    t.equal(classify({ status, reason }), kind, `${status} ${reason}`)
  t.end()
})

void t.test('names of refusals are few', (t) => {
  const name = (reason: string, status = 400): string => refusalName({ status, reason })
  t.equal(name("max entry size '262144' bytes exceeded for stream '{a=\"b\"}'"), 'line_too_long')
  t.equal(name("entry for stream '{}' has timestamp too new: 2026"), 'too_far_in_future')
  t.equal(name("reason: 'entry too far behind, entry timestamp is: 2026'"), 'too_far_behind')
  t.equal(name("stream '{}' has label name too long: 'x'"), 'label_name_too_long')
  t.equal(name('', 413), 'too_large')
  t.equal(name('whatever else'), 'refused')
  t.end()
})

void t.test('which entries a refusal is about, where Loki says it exactly', (t) => {
  const entry = (seconds: number, line = 'x', labels = '{a="1"}'): SentEntry => ({
    labels,
    seconds,
    nanos: 0,
    line,
    structuredMetadata: [],
  })
  const cutoff = Date.parse('2026-11-21T10:00:00Z') / 1000
  const entries = [entry(cutoff - 1), entry(cutoff), entry(cutoff + 1, 'xxxxx', '{a="2"}'), entry(cutoff - 9)]
  const refused = (reason: string, of = entries): number[] | undefined =>
    refusedEntries({ status: 400, reason }, of)
  const old =
    'entry for stream \'{a="1"}\' has timestamp too old: 2026-11-20T00:00:00Z, oldest acceptable timestamp is: 2026-11-21T10:00:00Z'
  const long =
    "max entry size '4' bytes exceeded for stream '{a=\"2\"}' while adding an entry with length '5' bytes"
  t.same(refused(`${old}\n`), [0, 3])
  t.same(refused(`${long}\n`), [2])
  t.same(refused(`2 errors like: ${old}; 1 errors like: ${long}\n`), [0, 2, 3])
  t.equal(refused(`2 errors like: ${old}; 1 errors like: something new\n`), undefined)
  t.equal(refused('entry with timestamp too old, 2 of them'), undefined)
  const early = (time: string): string => `entry for stream '{a="1"}' has timestamp too new: ${time}`
  t.same(refused(early('2026-11-21T10:00:00Z')), [1, 2], 'later ones too, in any stream')
  t.same(
    refused(early('2026-11-21T10:00:00Z'), [...entries, entry(cutoff)]),
    [2],
    'two in one second: unclear',
  )
  t.same(
    refused(
      `1 errors like: ${early('2026-11-21T10:00:01Z')}; 1 errors like: ${early('2026-11-21T10:00:00Z')}`,
    ),
    [1, 2],
  )
  t.same(refused(early('2027-01-01T00:00:00Z')), [], 'of none of these')
  const labels = "entry for stream '{}' has 16 label names; limit 15"
  t.equal(refused(labels), undefined, 'of several streams')
  t.same(refused(labels, entries.slice(0, 2)), [0, 1], 'all of one stream')
  t.same(refused(labels.replace('{}', '{a="2"}')), [2], 'the stream that is named')
  t.end()
})

void t.test('entries too far behind their stream', (t) => {
  const newest = Date.parse('2026-11-21T11:00:00Z') / 1000
  const entries = [0, -3601, -3600, -9000].flatMap((offset) =>
    ['{a="1", b="x"}', '{a="2", b="x"}'].map((labels): SentEntry => ({
      labels,
      seconds: newest + offset,
      nanos: 0,
      line: 'x',
      structuredMetadata: [],
    })),
  )
  const ignored = (seconds: number): string =>
    `entry with timestamp ${new Date(seconds * 1000).toISOString()} ignored, reason: 'entry too far behind, ` +
    `entry timestamp is: 2026-11-21T08:30:00Z, oldest acceptable timestamp is: 2026-11-21T10:00:00Z',\n`
  const refused = (bad: number, total: number, stream: string): number[] | undefined =>
    refusedEntries(
      {
        status: 400,
        reason: `${ignored(newest - 9000)}user 'fake', total ignored: ${bad} out of ${total} for stream: ${stream}`,
      },
      entries,
    )
  t.same(refused(2, 4, '{a="1", b="x"}'), [2, 6])
  t.same(
    refused(2, 4, '{a="1", b="x", service_name="unknown_service"}'),
    [2, 6],
    'with the label that Loki adds',
  )
  t.equal(refused(1, 4, '{a="1", b="x"}'), undefined, 'more than Loki has counted')
  t.equal(refused(2, 5, '{a="1", b="x"}'), undefined, 'another number of entries')
  t.equal(refused(2, 4, '{a="1"}'), undefined, 'another stream')
  t.end()
})
