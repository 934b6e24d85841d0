/** `discovery.file`: targets that other programs write into JSON or YAML files, in the format of Prometheus' file_sd_configs. */
import type { Value } from '../../alloy/value.ts'
import type { Timer } from '../../flow/clock.ts'
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { duration, list, optional, required, text, type OptionsOf } from '../../component/fields.ts'
import { filesMatching, readTargetFile, stampOf, type Target } from './target-files.ts'

const fields = {
  files: required(list(text), 'Files (.json, .yml, .yaml); the last part may hold *.'),
  refresh_interval: optional(duration, 300_000, 'Longest time before a change is seen.'),
}

type DiscoveryArguments = OptionsOf<typeof fields>

/** Asking the disk whether a file has changed costs nothing, so it is done more often than the argument says. */
const LOOK_MS = 5000

// As Prometheus checks them (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config).
const PATH = /^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml|JSON|YML|YAML)$/

export const discoveryFile = defineComponent({
  name: 'discovery.file',
  summary: 'Finds targets in JSON or YAML files, again whenever they change.',
  fields,
  stability: 'generally-available',
  exports: {
    targets: 'list(map(string)): the targets, each with the labels of its group and __meta_filepath',
  },
  create: (options, ctx) => {
    checkPaths(options)
    const files = new TargetFiles(options, ctx)
    return {
      exports: new Map([['targets', []]]),
      start: () => files.look(),
      update: (changed) => {
        files.options = changed
        void files.look()
        return true
      },
      close: () => files.stop(),
      health: () =>
        files.problem === ''
          ? { state: 'healthy', message: '' }
          : { state: 'unhealthy', message: files.problem },
      status: () => files.status(),
    }
  },
})

function checkPaths({ files }: DiscoveryArguments): void {
  if (files.length === 0)
    throw new LogstreamError('BAD_CONFIG', 'files is empty: name at least one file', { option: 'files' })
  const bad = files.find((path) => !PATH.test(path))
  if (bad === undefined) return
  throw new LogstreamError(
    'BAD_CONFIG',
    `files: expected paths that end in .json, .yml or .yaml, with * only in the last part, found "${bad}"`,
    { option: 'files' },
  )
}

interface KnownFile {
  readonly stamp: string
  readonly targets: readonly Target[]
}

/** What the files held when they could last be read. */
class TargetFiles {
  options: DiscoveryArguments
  problem = ''
  readonly #ctx: ComponentContext
  #known = new Map<string, KnownFile>()
  #key = '[]'
  #round = 0
  #timer: Timer | undefined
  #stopped = false

  constructor(options: DiscoveryArguments, ctx: ComponentContext) {
    this.options = options
    this.#ctx = ctx
  }

  /** Looks now, and from then on again and again; a look that was overtaken by another one says nothing. */
  async look(): Promise<void> {
    this.#timer?.cancel()
    const round = ++this.#round
    const problems: string[] = []
    const known = await this.#readAll(problems)
    if (this.#stopped || round !== this.#round) return
    this.#known = known
    this.#tell(problems.join('; '))
    const wait = Math.max(10, Math.min(LOOK_MS, this.options.refresh_interval))
    this.#timer = this.#ctx.clock.after(wait, () => void this.look())
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  status(): unknown {
    return {
      files: Object.fromEntries([...this.#known].map(([path, { targets }]) => [path, targets.length])),
    }
  }

  async #readAll(problems: string[]): Promise<Map<string, KnownFile>> {
    const found = new Map<string, KnownFile>()
    for (const pattern of this.options.files)
      for (const path of await filesMatching(pattern)) {
        if (!found.has(path)) found.set(path, await this.#readOne(path, problems))
      }
    return found
  }

  // A file that cannot be read keeps the targets it had, and is tried again at the next look.
  async #readOne(path: string, problems: string[]): Promise<KnownFile> {
    const before = this.#known.get(path)
    try {
      const stamp = await stampOf(path)
      return before?.stamp === stamp ? before : { stamp, targets: await readTargetFile(path) }
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`)
      return { stamp: '', targets: before?.targets ?? [] }
    }
  }

  #tell(problem: string): void {
    if (problem !== '' && problem !== this.problem)
      this.#ctx.log.error('target files could not be read, their last targets are kept', { error: problem })
    this.problem = problem
    const targets = [...this.#known.values()].flatMap((file) => file.targets)
    const key = JSON.stringify(targets.map((target) => [...target]))
    if (key === this.#key) return
    this.#key = key
    this.#ctx.export(new Map<string, Value>([['targets', targets]]))
  }
}
