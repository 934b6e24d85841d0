/** Which sources there are that do not run yet. */
import t from 'tap'
import { laterSources } from '../../../lib/components/later.ts'
import { components } from '../../../lib/registry.ts'

void t.test('all of them can be written in a config', (t) => {
  const names = laterSources.map(({ name }) => name).sort()
  t.same(names, [
    'discovery.docker',
    'loki.source.api',
    'loki.source.docker',
    'loki.source.journal',
    'loki.source.kafka',
  ])
  for (const name of names) t.ok(components.has(name), name)
  t.end()
})
