/** The decisions about answers and waits. */
import t from 'tap'
import { backoffDelay, classify, refusalName, refusesWholeStream } from '../../../lib/delivery/retry.ts'

void t.test('answers', (t) => {
  const cases: [status: number, reason: string, retryOn429: boolean, kind: string][] = [
    [204, '', true, 'accepted'],
    [200, '', true, 'accepted'],
    [0, 'no answer', true, 'retry'],
    [500, '', true, 'retry'],
    [503, '', true, 'retry'],
    [429, '', true, 'retry'],
    [429, '', false, 'rate_limited'],
    [413, '', true, 'too_large'],
    [400, 'entry for stream \'{a="b"}\' has timestamp too new', true, 'refused'],
    [422, 'error at least one valid stream is required for ingestion', true, 'refused'],
    [400, '<html>bad request</html>', true, 'rejected'],
    [400, 'Client sent an HTTP request to an HTTPS server.', true, 'rejected'],
    [400, 'snappy: corrupt input', true, 'rejected'],
    [301, '', true, 'rejected'],
    [401, 'no org id', true, 'rejected'],
    [403, '', true, 'rejected'],
    [404, '404 page not found', true, 'rejected'],
  ]
  for (const [status, reason, retryOn429, kind] of cases)
    t.equal(classify({ status, reason }, retryOn429), kind, `${status} ${reason}`)
  t.end()
})

void t.test('waits double from min to max, with jitter up to the next one', (t) => {
  const backoff = { min: 500, max: 300_000 }
  const waits = (random: number): number[] =>
    Array.from({ length: 12 }, (_, i) => backoffDelay(backoff, i + 1, () => random))
  t.same(waits(0).slice(0, 4), [500, 1000, 2000, 4000])
  t.same(waits(0.5).slice(0, 3), [750, 1500, 3000])
  t.same(waits(0).slice(10), [300_000, 300_000])
  t.equal(Math.max(...waits(1)), 300_000)
  t.equal(
    backoffDelay(backoff, 2000, () => 1),
    300_000,
    'no overflow',
  )
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
  t.ok(refusesWholeStream("entry for stream '{}' has 16 label names; limit 15"))
  t.notOk(refusesWholeStream("entry for stream '{}' has timestamp too old"))
  t.end()
})
