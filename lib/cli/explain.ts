/** `logstream explain`: what each stage of a config does to a line, and why. */
import { createInterface } from 'node:readline'
import { existsSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import type { Component, ComponentDefinition, Context, Receiver } from '../component.ts'
import { Entry } from '../entry.ts'
import { LogstreamError } from '../errors.ts'
import { printDiagnostic } from '../alloy/diagnostic.ts'
import { explainEntry, snapshot, type StageStep } from '../explain/explain.ts'
import { renderSteps } from '../explain/render.ts'
import type { StageSpec } from '../fields.ts'
import { labelSet } from '../labels.ts'
import { Ledger } from '../ledger.ts'
import { buildStages, components } from '../registry.ts'
import { diskFiles, readConfig } from '../run/config-files.ts'
import { Supervisor } from '../run/supervisor.ts'
import { sources } from '../sources/index.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { readArgs, type Args } from './args.ts'
import { hostLibrary } from '../run/host-library.ts'
import { EXIT, type Command, type Io } from './io.ts'
import { mayColour } from './print-sink.ts'
import { stabilityOf } from './validate.ts'

export const explainCommand: Command = {
  help: `
Usage: logstream explain [-c CONFIG] [--component NAME] [--label N=V] [LINE | -]

Runs LINE (or every line of standard input) through the loki.process components
of a config, one behind the other as forward_to leads, and shows what each stage
did: line, labels, time and extracted values before and after, which part of a
selector failed, and for a regex that did not match, how far it got.

  -c, --config FILE     the config (./logstream.alloy)
      --component NAME  the loki.process to start at, where there are several
      --label N=V       a label of the line; may be repeated
      --json            one JSON object per line
      --stability.level LEVEL
`,
  run: async (args, io) => {
    const given = readArgs('explain', args, {
      config: { type: 'string', short: 'c' },
      component: { type: 'string' },
      label: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      'stability.level': { type: 'string' },
    })
    const path = given.text('config') ?? 'logstream.alloy'
    if (!existsSync(path))
      throw new LogstreamError('BAD_USAGE', `there is no ${path}: name a config with -c FILE`)
    const found = await findProcesses(path, given, io)
    if (found === undefined) return EXIT.usage
    const chain = chainFrom(found, given.text('component'))
    const labels = { ...found.labels, ...labelsOf(given) }
    const lines =
      given.words.length === 0 || given.words[0] === '-'
        ? createInterface({ input: io.stdin, crlfDelay: Infinity })
        : [given.words.join(' ')]
    for await (const line of lines) await explainLine(line, labels, chain, given.flag('json'), io)
    return EXIT.ok
  },
}

interface Process {
  readonly id: string
  readonly specs: readonly StageSpec[]
  readonly forwardTo: readonly string[]
}

interface Processes {
  readonly byId: ReadonlyMap<string, Process>
  /** What the first source that forwards to a process gives its lines. */
  readonly labels: Readonly<Record<string, string>>
  /** Ids that sources forward to. */
  readonly entries: readonly string[]
}

// The config is planned with stand-ins that remember their options in place of working.
async function findProcesses(path: string, given: Args, io: Io): Promise<Processes | undefined> {
  const byId = new Map<string, Process>()
  const entries: string[] = []
  const labels: Record<string, string> = {}
  const forwards = (options: object): string[] =>
    ((options as { forward_to?: readonly Receiver[] }).forward_to ?? []).map(({ id }) => id)
  const substitutes: ComponentDefinition[] = sources
    .filter(({ name }) => name.startsWith('loki.source.'))
    .map((definition) => ({
      ...definition,
      create: (options) => {
        entries.push(...forwards(options))
        Object.assign(labels, staticLabels(options))
        return {}
      },
    }))
  const matcher = sources.find(({ name }) => name === 'local.file_match')
  if (matcher !== undefined)
    substitutes.push({
      ...matcher,
      create: (options) => ({
        exports: new Map([
          ['targets', (options as unknown as { path_targets: ReadonlyMap<string, string>[] }).path_targets],
        ]),
      }),
    })
  const process = components.get('loki.process')!
  substitutes.push({
    ...process,
    create: (options, ctx): Component => {
      ctx.stages((options as unknown as { stage: readonly StageSpec[] }).stage)
      const { stage: specs } = options as unknown as { stage: readonly StageSpec[] }
      byId.set(ctx.id, { id: ctx.id, specs, forwardTo: forwards(options) })
      return {}
    },
  })
  const stability = stabilityOf(given.text('stability.level'))
  const supervisor = new Supervisor({
    config: () => readConfig(path),
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    stability,
    stdlib: hostLibrary(io.env, stability),
    storagePath: undefined,
    substitutes,
  })
  const errors = (await supervisor.check()).filter(({ severity }) => severity === 'error')
  for (const error of errors) io.stderr.write(`${printDiagnostic(error)}\n\n`)
  return errors.length > 0 ? undefined : { byId, entries, labels }
}

function staticLabels(options: object): Record<string, string> {
  const { targets, labels } = options as {
    targets?: readonly ReadonlyMap<string, string>[]
    labels?: ReadonlyMap<string, string>
  }
  const pairs = [...(targets?.[0] ?? []), ...(labels ?? [])]
  return Object.fromEntries(pairs.filter(([name]) => !name.startsWith('__')))
}

function chainFrom({ byId, entries }: Processes, name: string | undefined): readonly Process[] {
  const all = [...byId.keys()]
  const starts =
    name === undefined
      ? [...new Set(entries)].filter((id) => byId.has(id))
      : all.filter((id) => id === name || id.endsWith(`.${name}`))
  const candidates = starts.length > 0 || name !== undefined ? starts : all
  const [first] = candidates
  if (first === undefined || candidates.length > 1) {
    const list = all.map((id) => `  ${id}`).join('\n')
    const problem =
      all.length === 0
        ? 'the config has no loki.process'
        : `choose one loki.process with --component NAME:\n${list}`
    throw new LogstreamError('BAD_USAGE', problem)
  }
  const chain: Process[] = []
  for (let at = byId.get(first); at !== undefined && !chain.includes(at);) {
    chain.push(at)
    const next = at.forwardTo.find((id) => byId.has(id))
    at = next === undefined ? undefined : byId.get(next)
  }
  return chain
}

function labelsOf(given: Args): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const text of given.texts('label')) {
    const at = text.indexOf('=')
    if (at < 1) throw new LogstreamError('BAD_USAGE', `--label takes name=value, found "${text}"`)
    labels[text.slice(0, at)] = text.slice(at + 1)
  }
  return labels
}

async function explainLine(
  line: string,
  labels: Readonly<Record<string, string>>,
  chain: readonly Process[],
  json: boolean,
  io: Io,
): Promise<void> {
  const now = Date.now()
  const entry = new Entry(Math.floor(now / 1000), (now % 1000) * 1e6, line, labelSet(labels))
  const ctx: Context = {
    id: 'explain',
    log: SILENT,
    metrics: Metrics.create(),
    clock: systemClock,
    ledger: new Ledger(),
    dataDir: undefined,
    stages: (specs) => buildStages(specs, ctx),
  }
  for (const { id, specs } of chain) {
    entry.resetExtracted()
    const start = snapshot(entry)
    const steps: StageStep[] = await explainEntry(specs, entry, ctx)
    if (json) io.stdout.write(`${JSON.stringify({ component: id, entry: start, steps })}\n`)
    else
      io.stdout.write(
        `${chain.length > 1 ? `${id}\n` : ''}${renderSteps(start, steps, { colour: mayColour(io) })}\n`,
      )
    if (steps.some(({ outcome }) => outcome !== 'passed')) return
  }
}
