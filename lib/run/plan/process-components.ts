/**
 * The `loki.process` components of a config as data: planned as they would run, with sources that read nothing. So
 * tests and `explain` work on the real stages, with all arguments, imports and modules in place.
 */
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import type { Value } from '../../alloy/value.ts'
import type { Component, ComponentDefinition, Receiver, Stability } from '../../component/component.ts'
import { notYet } from '../../components/unavailable.ts'
import { LogstreamError } from '../../errors.ts'
import type { StageSpec } from '../../component/fields.ts'
import { components } from '../../components/index.ts'
import { SILENT } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { diskFiles } from '../modules/config-files.ts'
import type { ConfigText } from '../modules/config-text.ts'
import { Supervisor } from '../supervise/supervisor.ts'

export interface ProcessComponent {
  /** With the path of its module: `transactions.pipeline.prod/loki.process.transactions`. */
  readonly id: string
  readonly specs: readonly StageSpec[]
  readonly forwardTo: readonly string[]
}

/** A way from a source into a process. */
export interface Feed {
  /** Id of the receiver. */
  readonly to: string
  /** Labels that the source adds to its lines, as far as they are known before reading. */
  readonly labels: Readonly<Record<string, string>>
}

export interface ProcessComponents {
  readonly byId: ReadonlyMap<string, ProcessComponent>
  readonly feeds: readonly Feed[]
  /** What is wrong with the config. With an error among them, components may be missing. */
  readonly diagnostics: readonly Diagnostic[]
}

export interface ProcessComponentsOptions {
  readonly config: () => readonly ConfigText[]
  readonly stability: Stability
  readonly stdlib: ReadonlyMap<string, Value>
  /** Whether components that aren't about logs are left out. */
  readonly logsOnly?: boolean
}

/** Plans a config and returns its `loki.process` components; nothing is started, read or written. */
export async function findProcessComponents({
  config,
  stability,
  stdlib,
  logsOnly,
}: ProcessComponentsOptions): Promise<ProcessComponents> {
  const found: Found = { byId: new Map<string, ProcessComponent>(), feeds: [] }
  const supervisor = new Supervisor({
    config,
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    stability,
    stdlib,
    storagePath: undefined,
    logsOnly,
    substitutes: [...components.values()].flatMap((definition) => standIn(definition, found) ?? []),
  })
  return { ...found, diagnostics: await supervisor.check() }
}

interface Found {
  readonly byId: Map<string, ProcessComponent>
  readonly feeds: Feed[]
}

// Components that only note their options.
function standIn(definition: ComponentDefinition, found: Found): ComponentDefinition | undefined {
  const { name } = definition
  if (name === 'loki.process') return { ...definition, create: (options, ctx) => keep(options, ctx, found) }
  if (name === 'local.file_match')
    return {
      ...definition,
      create: (options) => ({
        exports: new Map([['targets', options['path_targets'] as Value]]),
      }),
    }
  if (name.startsWith('discovery.') && notYet(name) !== undefined)
    return { ...definition, create: () => ({ exports: new Map([['targets', []]]) }) }
  if (!name.startsWith('loki.source.') && name !== 'otelcol.exporter.loki') return undefined
  return {
    ...definition,
    create: (options) => {
      const labels = staticLabels(options)
      found.feeds.push(...forwards(options).map((to) => ({ to, labels })))
      return {}
    },
  }
}

function keep(
  options: object,
  ctx: Parameters<ComponentDefinition['create']>[1],
  { byId }: Found,
): Component {
  const { stage: specs } = options as { stage: readonly StageSpec[] }
  ctx.stages(specs).close?.()
  byId.set(ctx.id, { id: ctx.id, specs, forwardTo: forwards(options) })
  return {}
}

function forwards(options: object): string[] {
  return ((options as { forward_to?: readonly Receiver[] }).forward_to ?? []).map(({ id }) => id)
}

function staticLabels(options: object): Record<string, string> {
  const { targets, labels } = options as {
    targets?: readonly ReadonlyMap<string, string>[]
    labels?: ReadonlyMap<string, string>
  }
  const pairs = [...(targets?.[0] ?? []), ...(labels ?? [])]
  return Object.fromEntries(pairs.filter(([name]) => !name.startsWith('__')))
}

/** Returns the process that `name` means: by its full id, or a unique ending of it. Throws BAD_INPUT with the list. */
export function processNamed({ byId }: ProcessComponents, name: string): ProcessComponent {
  const exact = byId.get(name)
  if (exact !== undefined) return exact
  const matching = [...byId.values()].filter(({ id }) => id.endsWith(`.${name}`) || id.endsWith(`/${name}`))
  if (matching.length === 1) return matching[0]!
  const what = matching.length === 0 ? `has no loki.process "${name}"` : `has several that end in "${name}"`
  throw new LogstreamError('BAD_INPUT', `the config ${what}: ${listed([...byId.keys()])}`)
}

/**
 * Returns the processes that an entry goes through, in order, following `forward_to`. Without a name it starts at the
 * one that sources forward to. Throws BAD_INPUT with the list when there are several.
 */
export function processChain(processes: ProcessComponents, name?: string): readonly ProcessComponent[] {
  const { byId, feeds } = processes
  const chain: ProcessComponent[] = []
  const first = name === undefined ? onlyStart(byId, feeds) : processNamed(processes, name)
  for (let at: ProcessComponent | undefined = first; at !== undefined && !chain.includes(at);) {
    chain.push(at)
    const next: string | undefined = at.forwardTo.find((id) => byId.has(id))
    at = next === undefined ? undefined : byId.get(next)
  }
  return chain
}

function onlyStart(byId: ProcessComponents['byId'], feeds: readonly Feed[]): ProcessComponent {
  const starts = [...new Set(feeds.map(({ to }) => to))].filter((id) => byId.has(id))
  const candidates = starts.length > 0 ? starts : [...byId.keys()]
  if (candidates.length === 1) return byId.get(candidates[0]!)!
  if (candidates.length === 0) throw new LogstreamError('BAD_INPUT', 'the config has no loki.process')
  throw new LogstreamError('BAD_INPUT', `choose one loki.process with --component: ${listed(candidates)}`)
}

function listed(ids: readonly string[]): string {
  return ids.length === 0
    ? 'the config has no loki.process'
    : `it has\n${ids
        .toSorted()
        .map((id) => `  ${id}`)
        .join('\n')}`
}
