/** The table of processors. */
import t from 'tap'
import { processors } from '../../../lib/components/processors.ts'

void t.test('each is there once, and says what it is', (t) => {
  t.same(processors.map(({ name }) => name).sort(), [
    'discovery.file',
    'discovery.relabel',
    'local.file',
    'loki.enrich',
    'loki.process',
    'loki.relabel',
    'loki.secretfilter',
    'remote.http',
  ])
  for (const { name, summary } of processors) t.match(summary, /^[A-Z].*\.$/, name)
  t.end()
})
