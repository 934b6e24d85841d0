/** Sources in pipe mode: standard input replaces the config's file source, the others stay off. */
import type { ComponentContext, ComponentDefinition } from '../component/component.ts'
import { LogstreamError } from '../errors.ts'

type Labels = ReadonlyMap<string, string>

/** The sources of the config, known once it has been planned. */
export interface SourcesFound {
  readonly files: Set<string>
  readonly stdin: Set<string>
}

export interface PipeSources {
  readonly substitutes: readonly ComponentDefinition[]
  readonly found: SourcesFound
  /** Chooses the file source that standard input replaces. Throws BAD_USAGE when that isn't clear. */
  choose(name: string | undefined): void
}

/** Makes a stdin source with the given labels. */
export type CreateStdin = (labels: Labels, ctx: ComponentContext) => ReturnType<ComponentDefinition['create']>

const OFF = {}

/** Replaces every source in `definitions`. Every line of standard input gets the `extra` labels. */
export function pipeSources(
  definitions: readonly ComponentDefinition[],
  createStdin: CreateStdin,
  extra: Labels,
): PipeSources {
  const found: SourcesFound = { files: new Set<string>(), stdin: new Set<string>() }
  let chosen: string | undefined
  const create = (definition: ComponentDefinition): ComponentDefinition['create'] => {
    if (definition.name === 'loki.source.file')
      return (options, ctx) => {
        found.files.add(ctx.id)
        return ctx.id === chosen ? createStdin(targetLabels(options, extra), ctx) : OFF
      }
    if (definition.name === 'loki.source.stdin')
      return (options, ctx) => {
        found.stdin.add(ctx.id)
        return createStdin(new Map([...(options['labels'] as Labels), ...extra]), ctx)
      }
    if (definition.name === 'local.file_match')
      return (options) => ({ exports: new Map([['targets', patterns(options)]]) })
    if (definition.name.startsWith('discovery.')) return () => ({ exports: new Map([['targets', []]]) })
    return () => OFF
  }
  return {
    substitutes: definitions.map((definition) => ({ ...definition, create: create(definition) })),
    found,
    choose: (name) => {
      chosen = chooseSource(found, name)
    },
  }
}

function chooseSource({ files, stdin }: SourcesFound, name: string | undefined): string | undefined {
  const named = [...files].filter((id) => name !== undefined && (id === name || id.endsWith(`.${name}`)))
  if (named.length === 1) return named[0]
  const list = [...files].map((id) => `  ${id}`).join('\n')
  if (name !== undefined)
    throw new LogstreamError(
      'BAD_USAGE',
      `--source ${name} is not exactly one of the config's file sources:\n${list}`,
    )
  if (stdin.size > 0) return undefined
  if (files.size === 1) return [...files][0]
  if (files.size === 0)
    throw new LogstreamError(
      'BAD_USAGE',
      'the config has no source that standard input could replace: add loki.source.stdin or loki.source.file',
    )
  throw new LogstreamError(
    'BAD_USAGE',
    `the config has several file sources: choose the one that standard input replaces with --source NAME:\n${list}`,
  )
}

// Lines from standard input don't come from the target's file, so its path doesn't become a label.
function targetLabels(options: object, extra: Labels): Labels {
  const [target = new Map<string, string>()] = (options as { targets: readonly Labels[] }).targets
  const labels = new Map([...target].filter(([name]) => !name.startsWith('__') && name !== 'filename'))
  for (const [name, value] of extra) labels.set(name, value)
  return labels
}

// No files are looked for: the patterns themselves are the targets, with their labels.
function patterns(options: object): readonly Labels[] {
  return (options as { path_targets: readonly Labels[] }).path_targets
}
