import t, { type Test } from 'tap'
import { pipeSources, type PipeSources } from '../../../lib/cli/pipe-sources.ts'
import type { Component } from '../../../lib/component/component.ts'
import type { Options } from '../../../lib/component/fields.ts'
import { componentDefinitions } from '../../../lib/components/index.ts'
import { ComponentBench } from '../../support/component-run.ts'

interface Harness {
  readonly stand: PipeSources
  /** Labels that standard input was made with, by the id of the component it stands for. */
  readonly made: Map<string, Record<string, string>>
  readonly create: (name: string, id: string, options: Options) => Component
}

const STDIN: Component = { exports: new Map() }

function harness(extra: Record<string, string> = {}): Harness {
  const made = new Map<string, Record<string, string>>()
  const { context: ctx } = new ComponentBench()
  const stand = pipeSources(
    componentDefinitions,
    (labels, { id }) => {
      made.set(id, Object.fromEntries(labels))
      return STDIN
    },
    new Map(Object.entries(extra)),
  )
  const create: Harness['create'] = (name, id, options) =>
    stand.substitutes.find((each) => each.name === name)!.create(options, { ...ctx, id })
  return { stand, made, create }
}

const target = (labels: Record<string, string>): Options => ({ targets: [new Map(Object.entries(labels))] })

// As pipe mode does: planned once to see what there is, then for good.
function twice(own: Harness, ids: readonly string[], name: string | undefined): void {
  for (const id of ids) own.create('loki.source.file', id, target({ job: id }))
  own.stand.choose(name)
  for (const id of ids) own.create('loki.source.file', id, target({ job: id, __path__: '/x', filename: 'f' }))
}

void t.test('standard input takes the place of the one file source, with its labels', (tap) => {
  const own = harness({ env: 'test' })
  twice(own, ['loki.source.file.a'], undefined)
  tap.same([...own.made], [['loki.source.file.a', { job: 'loki.source.file.a', env: 'test' }]])
  tap.end()
})

void t.test('of several one has to be chosen', (tap) => {
  const ids = ['m.x/loki.source.file.a', 'loki.source.file.b']
  const choose = (name: string | undefined): string[] => {
    const own = harness()
    twice(own, ids, name)
    return [...own.made.keys()]
  }
  tap.same(choose('a'), ['m.x/loki.source.file.a'])
  tap.same(choose('loki.source.file.b'), ['loki.source.file.b'])
  tap.throws(() => choose(undefined), { code: 'BAD_USAGE', message: /--source NAME:\n {2}m\.x\/loki/ })
  tap.throws(() => choose('c'), { code: 'BAD_USAGE', message: /--source c is not exactly one/ })
  tap.end()
})

void t.test('a loki.source.stdin is itself; files are off beside it unless chosen', (tap) => {
  const own = harness({ extra: '1' })
  own.create('loki.source.stdin', 's', { labels: new Map([['job', 's']]) })
  twice(own, ['loki.source.file.a'], undefined)
  tap.same([...own.made], [['s', { job: 's', extra: '1' }]])
  tap.end()
})

void t.test('without any of them there is nothing to stand for', (tap) => {
  tap.throws(() => harness().stand.choose(undefined), {
    code: 'BAD_USAGE',
    message: /add loki\.source\.stdin/,
  })
  tap.end()
})

void t.test('a discovery finds nothing, so that what refers to it can be planned', (tap) => {
  const { exports } = harness().create('discovery.docker', 'd', { host: 'unix:///x' })
  tap.same(exports?.get('targets'), [])
  tap.end()
})

void t.test('other sources are off, and patterns are targets as they are', (tap: Test) => {
  const own = harness()
  tap.same(own.create('loki.source.syslog', 'l', {}), {})
  const targets = [new Map([['__path__', '/x/*']])]
  const { exports } = own.create('local.file_match', 'm', { path_targets: targets })
  tap.same(exports?.get('targets'), targets)
  tap.end()
})
