/** Targets from files: formats, patterns, changes, and files that cannot be read. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Value } from '../../../../lib/alloy/value.ts'
import { discoveryFile } from '../../../../lib/components/discovery.file/discovery-file.ts'
import { ComponentBench, until } from '../../../support/component-run.ts'
import { refusal } from '../../../support/stage-run.ts'

const targetsOf = (exports: ReadonlyMap<string, Value> | undefined): unknown[] =>
  (exports!.get('targets') as ReadonlyMap<string, string>[]).map((target) => Object.fromEntries(target))

void t.test('files of both formats by a pattern, and what becomes of them', async (t) => {
  const folder = t.testdir({
    'a.yml': '- targets: [db1:5432, 8080]\n  labels: {env: prod, port: 5432}\n',
    'b.json': '[{"targets": ["web1"], "labels": {"env": "dev"}}, {"targets": []}]',
    'empty.yaml': '',
    'no.txt': '- targets: [never]\n',
  })
  const a = join(folder, 'a.yml')
  const b = join(folder, 'b.json')
  const bench = new ComponentBench()
  const component = bench.create(discoveryFile, {
    files: [join(folder, '*.yml'), b, join(folder, 'e*y.yaml'), join(folder, 'missing.json'), b],
  })
  t.teardown(() => component.close!())
  t.same(component.exports, new Map([['targets', []]]))
  await component.start!()
  const first = [
    { env: 'prod', port: '5432', __meta_filepath: a, __address__: 'db1:5432' },
    { env: 'prod', port: '5432', __meta_filepath: a, __address__: '8080' },
    { env: 'dev', __meta_filepath: b, __address__: 'web1' },
  ]
  t.same(targetsOf(bench.exported[0]), first)
  t.same(component.health!(), { state: 'healthy', message: '' })

  writeFileSync(a, '- targets: {}\n')
  bench.clock.advance(5000)
  await until(() => component.health!().state === 'unhealthy')
  t.match(component.health!().message, /a\.yml: expected a list/)
  t.equal(bench.exported.length, 1, 'its last targets are kept')

  writeFileSync(a, '- targets: [db2]\n')
  bench.clock.advance(5000)
  await until(() => bench.exported.length > 1)
  t.same(targetsOf(bench.exported[1]), [{ __meta_filepath: a, __address__: 'db2' }, first[2]])

  rmSync(b)
  bench.clock.advance(5000)
  await until(() => bench.exported.length > 2)
  t.same(targetsOf(bench.exported[2]), [{ __meta_filepath: a, __address__: 'db2' }])

  component.update!(bench.options(discoveryFile, { files: [join(folder, 'empty.yaml')] }))
  await until(() => bench.exported.length > 3)
  t.same(targetsOf(bench.exported[3]), [])
})

void t.test('a file without a list of groups is refused', async (t) => {
  for (const [text, message] of [
    ['a: 1', /expected a list as the file, found object/],
    ['- 1', /expected a group \{targets, labels\}, found number/],
    ['- {target: [a]}', /the key "target": only targets and labels/],
    ['- {targets: [{}]}', /expected string, found object/],
    ['- {labels: [1]}', /expected labels of a group, found array/],
    ['- [', /invalid YAML/],
  ] as const) {
    const bench = new ComponentBench()
    const component = bench.create(discoveryFile, { files: [join(t.testdir({ 'f.yml': text }), 'f.yml')] })
    await component.start!()
    t.match(component.health!(), { state: 'unhealthy', message }, text)
    t.same(bench.exported, [])
    await component.close!()
  }
})

void t.test('paths that Prometheus does not take either', (t) => {
  for (const files of [[], ['a.txt'], ['/x/*/a.yml'], ['*/*.json']])
    t.equal(
      refusal(() => new ComponentBench().create(discoveryFile, { files })),
      'BAD_CONFIG files',
      files.join(),
    )
  t.end()
})
