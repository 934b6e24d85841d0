import t from 'tap'
import { libraryContext } from '../../lib/component/context.ts'
import { Entry } from '../../lib/flow/entry.ts'
import type { Field, Fields } from '../../lib/component/fields.ts'
import { EMPTY_LABELS } from '../../lib/flow/labels.ts'
import { components } from '../../lib/components/index.ts'
import { buildStages, stageDefinitions } from '../../lib/registry.ts'

function* fieldsOf(fields: Fields, path: string): Generator<[string, Field]> {
  for (const [name, field] of Object.entries(fields)) {
    yield [`${path}.${name}`, field]
    if (field.kind === 'block' || field.kind === 'blocks')
      yield* fieldsOf(field.fields as Fields, `${path}.${name}`)
    if (field.kind === 'variants')
      for (const [variant, of] of Object.entries(field.variants as Record<string, Fields>))
        yield* fieldsOf(of, `${path}.${name}.${variant}`)
  }
}

void t.test('every component and stage is called what the table calls it, and is documented', (tap) => {
  for (const [name, { name: own, summary, fields }] of [...components, ...stageDefinitions]) {
    tap.equal(own, name)
    tap.match(summary, /\S\.$/, `${name}: a sentence`)
    const undocumented = [...fieldsOf(fields, name)]
      .filter(([, { doc }]) => !/\S\.?$/.test(doc))
      .map(([path]) => path)
    tap.same(undocumented, [])
  }
  tap.ok(components.has('loki.process') && stageDefinitions.has('regex'))
  tap.end()
})

void t.test('what takes entries exports a receiver, what gives them has forward_to', (tap) => {
  for (const [name, { exports, fields }] of components) {
    if (name.startsWith('loki.source.')) tap.ok('forward_to' in fields && !('receiver' in exports), name)
    if (name === 'loki.process' || name === 'loki.relabel')
      tap.ok('forward_to' in fields && 'receiver' in exports, name)
    if (name === 'loki.write' || name === 'loki.echo')
      tap.ok('receiver' in exports && !('forward_to' in fields), name)
  }
  tap.end()
})

void t.test('stages from blocks, in order', async (tap) => {
  const stage = buildStages(
    [
      { name: 'static_labels', options: { values: new Map([['a', 'b']]) } },
      { name: 'label_drop', options: { values: ['a'] } },
    ],
    libraryContext('test'),
  )
  const [entry] = await stage.run([new Entry(0, 0, 'x', EMPTY_LABELS)])
  tap.same(entry?.labels.toObject(), {})
})
