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
  t.equal(refused("entry for stream '{}' has timestamp too new: 2027-01-01T00:00:00Z"), undefined)
  const labels = "entry for stream '{}' has 16 label names; limit 15"
  t.equal(refused(labels), undefined, 'of several streams')
  t.same(refused(labels, entries.slice(0, 2)), [0, 1], 'all of one stream')
  t.end()
})
