/** Names of structured metadata. */
import t from 'tap'
import { normalMetadata, normalName } from '../../../lib/loki/metadata-names.ts'

void t.test('names', (t) => {
  const cases: Record<string, string | undefined> = {
    trace_id: 'trace_id',
    'http.method': 'http_method',
    'a b-c': 'a_b_c',
    'a..b': 'a_b',
    '1a': 'key_1a',
    __x__: '__x__',
    '__a.b__': '__a_b__',
    '...': undefined,
    '': undefined,
    ä: undefined,
  }
  for (const [name, normal] of Object.entries(cases)) t.equal(normalName(name), normal, name)
  t.same(
    normalMetadata([
      ['a.b', '1'],
      ['c', '2'],
    ]),
    {
      ok: true,
      metadata: [
        ['a_b', '1'],
        ['c', '2'],
      ],
    },
  )
  t.same(
    normalMetadata([
      ['a', '1'],
      ['--', '2'],
    ]),
    { ok: false, name: '--' },
  )
  t.same(
    normalMetadata([
      ['a', ''],
      ['b.c', '2'],
    ]),
    { ok: true, metadata: [['b_c', '2']] },
    'pairs without a value are not kept',
  )
  t.end()
})
