/** Results of readers. */
import t from 'tap'
import { Malformed, reading } from '../../../lib/loki/malformed.ts'

t.same(
  reading(() => ({ value: 1 })),
  { ok: true, value: 1 },
)
t.same(
  reading(() => {
    throw new Malformed('expected a, found b')
  }, 'push: '),
  { ok: false, error: 'push: expected a, found b' },
)
t.match(
  reading(() => ({ value: JSON.parse('{') as unknown })),
  { ok: false, error: /JSON/ },
)
t.throws(
  () =>
    reading(() => {
      throw new TypeError('a bug')
    }),
  TypeError,
  'bugs are not bad input',
)
