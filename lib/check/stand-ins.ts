/** What takes the place of a config's sources and sinks in a check, so that nothing is read, listened on or sent. */
import type { Value } from '../alloy/value.ts'
import {
  isSink,
  type Component,
  type ComponentContext,
  type ComponentDefinition,
} from '../component/component.ts'
import type { Options, StageSpec } from '../component/fields.ts'
import { components } from '../components/index.ts'
import { LogstreamError } from '../errors.ts'
import { labelSet, type LabelSet } from '../flow/labels.ts'

/** A source of the config. */
export interface FoundSource {
  readonly id: string
  /** The labels that it gives to lines, as far as the config says. */
  readonly labels: LabelSet
  /** How many targets it has; the labels are those of the first one. */
  readonly targets: number
}

/** A `loki.process` as it was last built. */
export interface FoundProcess {
  readonly specs: readonly StageSpec[]
  readonly component: Component
}

export interface StandIns {
  readonly definitions: readonly ComponentDefinition[]
  /** Known once the config has been planned. */
  readonly sources: ReadonlyMap<string, FoundSource>
  readonly processes: ReadonlyMap<string, FoundProcess>
}

export interface StandInOptions {
  /** Makes a component of each source; most do nothing. */
  readonly source: (source: FoundSource, ctx: ComponentContext) => Component
  readonly sink: (definition: ComponentDefinition, options: Options, ctx: ComponentContext) => Component
}

const OFF: Component = {}

export function standIns({ source, sink }: StandInOptions): StandIns {
  const sources = new Map<string, FoundSource>()
  const processes = new Map<string, FoundProcess>()
  const createFor = (definition: ComponentDefinition): ComponentDefinition['create'] | undefined => {
    const { name } = definition
    if (name.startsWith('loki.source.'))
      return (options, ctx) => {
        const found = sourceOf(name, options, ctx.id)
        sources.set(ctx.id, found)
        return source(found, ctx)
      }
    if (name === 'loki.process')
      return (options, ctx) => {
        const component = definition.create(options, ctx)
        processes.set(ctx.id, { specs: options['stage'] as readonly StageSpec[], component })
        return component
      }
    if (isSink(definition)) return (options, ctx) => sink(definition, options, ctx)
    if (name === 'local.file_match')
      return (options) => ({ exports: new Map([['targets', options['path_targets'] as Value]]) })
    if (name.startsWith('discovery.') && name !== 'discovery.relabel')
      return () => ({ exports: new Map([['targets', []]]) })
    if (name.startsWith('otelcol.receiver.') && name !== 'otelcol.receiver.loki') return () => OFF
    // What it fetched while it was planned will do.
    if (definition.prepare !== undefined) return (_options, _ctx, prepared) => ({ exports: prepared })
    return undefined
  }
  const definitions = [...components.values()].flatMap((definition) => {
    const create = createFor(definition)
    return create === undefined ? [] : [{ ...definition, create }]
  })
  return { definitions, sources, processes }
}

// A file source adds the file's name.
function sourceOf(name: string, options: Options, id: string): FoundSource {
  const { targets = [], labels } = options as {
    targets?: readonly ReadonlyMap<string, string>[]
    labels?: ReadonlyMap<string, string>
  }
  const [target = new Map<string, string>()] = targets
  const path = target.get('__path__')
  const pairs = [...target, ...(labels ?? [])].filter(([label]) => !label.startsWith('__'))
  const own = name === 'loki.source.file' && path !== undefined ? [['filename', path] as const] : []
  return { id, labels: labelSet(new Map([...own, ...pairs])), targets: targets.length }
}

/** Returns the source that `name` means, or the only one. Throws BAD_USAGE when that isn't clear. */
export function sourceNamed(sources: StandIns['sources'], name: string | undefined): FoundSource {
  const all = [...sources.values()]
  const list = all.map(({ id }) => `\n  ${id}`).join('')
  if (all.length === 0)
    throw new LogstreamError(
      'BAD_USAGE',
      'expected a config with a source such as loki.source.file, found none: lines have nowhere to come in',
    )
  const exact = all.filter(({ id }) => id === name)
  const fitting =
    exact.length > 0
      ? exact
      : all.filter(({ id }) => name === undefined || id.endsWith(`.${name}`) || id.endsWith(`/${name}`))
  if (fitting.length === 1) return fitting[0]!
  throw new LogstreamError(
    'BAD_USAGE',
    name === undefined
      ? `the config has several sources: choose the one that the sample stands for with --from NAME:${list}`
      : `--from ${name} names ${fitting.length === 0 ? 'none' : 'several'} of the config's sources:${list}`,
  )
}
