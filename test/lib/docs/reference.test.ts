import t, { type Test } from 'tap'
import type { Attribute } from '../../../lib/alloy/ast.ts'
import { evaluate, scopeOf } from '../../../lib/alloy/evaluate.ts'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { referenceNamed, references, type ReferenceBody } from '../../../lib/docs/reference.ts'
import type { Fields } from '../../../lib/component/fields.ts'
import { components } from '../../../lib/components/index.ts'
import { stageDefinitions } from '../../../lib/registry.ts'
import { configBlocks } from '../../../lib/run/plan/config-blocks.ts'

void t.test('everything that a config may hold is there', (tap) => {
  const names = references().map(({ name }) => name)
  tap.same(
    names,
    [
      ...components.keys(),
      ...[...stageDefinitions.keys()].map((name) => `stage.${name}`),
      ...configBlocks.keys(),
    ].sort(),
  )
  tap.end()
})

void t.test('one in full', (tap) => {
  tap.match(referenceNamed('stage.metrics'), {
    kind: 'stage',
    name: 'stage.metrics',
    stability: 'generally-available',
    extension: false,
    labelled: false,
    body: {
      attributes: [],
      blocks: [{ name: 'metric.counter' }, { name: 'metric.gauge' }, { name: 'metric.histogram' }],
    },
  })
  const write = referenceNamed('loki.write')
  tap.match(write, { kind: 'component', labelled: true, exports: [{ name: 'receiver' }] })
  const endpoint = write?.body.blocks.find(({ name }) => name === 'endpoint')
  tap.match(endpoint, { repeated: true })
  tap.match(endpoint?.body.attributes[0], { name: 'url', required: true, default: undefined })
  tap.match(
    endpoint?.body.attributes.find(({ name }) => name === 'max_backoff_period'),
    {
      type: 'duration',
      default: '"5m0s"',
    },
  )
  tap.match(referenceNamed('loki.source.stdin'), { extension: true })
  tap.match(referenceNamed('loki.process')?.body.blocks, [{ name: 'stage.*', repeated: true }])
  tap.match(referenceNamed('argument'), { kind: 'block', labelled: true })
  tap.equal(referenceNamed('regex')?.name, 'stage.regex')
  tap.equal(referenceNamed('nothing'), undefined)
  tap.end()
})

void t.test('every default means what the field decodes to without it', (tap) => {
  for (const [name, { fields }] of [...components, ...stageDefinitions, ...configBlocks]) {
    const body = (referenceNamed(name) ?? referenceNamed(`stage.${name}`))!.body
    checkDefaults(tap, name, fields, body)
  }
  tap.end()
})

function checkDefaults(tap: Test, path: string, fields: Fields, body: ReferenceBody): void {
  for (const each of body.attributes) {
    const field = fields[each.name]!
    if (field.kind !== 'attribute' || each.default === undefined) continue
    const source = { name: 'default', text: `x = ${each.default}` }
    const { file, diagnostics } = parseFile(source)
    tap.same(diagnostics, [], `${path} ${each.name} can be parsed`)
    const value = evaluate((file.body[0] as Attribute).value, scopeOf(new Map()), source)
    tap.same(
      value === null ? null : field.type.decode(value),
      field.default,
      `${path} ${each.name} ${each.default}`,
    )
  }
  for (const block of body.blocks) {
    const field = fields[block.name.split('.')[0]!]!
    if (field.kind === 'block' || field.kind === 'blocks')
      checkDefaults(tap, `${path} ${block.name}`, field.fields as Fields, block.body)
    else if (field.kind === 'variants')
      checkDefaults(
        tap,
        `${path} ${block.name}`,
        (field.variants as Record<string, Fields>)[block.name.split('.')[1]!]!,
        block.body,
      )
  }
}
