/** Turns one scrape config into components, and joins them to each other. */
import {
  attribute,
  block,
  blockUnlessEmpty,
  expression,
  labelOf,
  mapText,
  sizeAttribute,
  timeAttribute,
  type Block,
  type Body,
} from './alloy-text.ts'
import type { Limits, PromtailConfig } from './config.ts'
import { discoveries, docker, type Docker } from './discovery.ts'
import type { DiscoveryKind } from './discovery-kind.ts'
import type { Findings } from './findings.ts'
import { httpBody } from './http-client.ts'
import { ruleBlocks } from './relabel.ts'
import type { ScrapeConfig, TargetGroup } from './scrape-config.ts'
import { sources, type SourceKind } from './sources.ts'
import { stageBlocks } from './stages.ts'

/**
 * The components of one job, in the order in which Alloy's converter writes them: discoveries, then what each
 * source needs (`loki.process`, `discovery.relabel`) right before the first source that needs it.
 */
export function jobBlocks(
  config: ScrapeConfig,
  whole: PromtailConfig,
  writers: string,
  findings: Findings,
): Block[] {
  const job = new Job(config, whole, writers, findings)
  job.discover()
  job.tailFiles()
  job.listen()
  job.followContainers()
  return job.blocks
}

class Job {
  readonly blocks: Block[] = []
  readonly #config: ScrapeConfig
  readonly #whole: PromtailConfig
  readonly #writers: string
  readonly #findings: Findings
  readonly #label: string
  readonly #targets: string[] = []
  #receivers: string | undefined
  #relabelled: { readonly targets: string; readonly rules: string } | undefined
  #relabelReceivers: string | undefined

  constructor(config: ScrapeConfig, whole: PromtailConfig, writers: string, findings: Findings) {
    this.#config = config
    this.#whole = whole
    this.#writers = writers
    this.#findings = findings
    this.#label = labelOf(config.job_name)
  }

  discover(): void {
    for (const [key, kind] of Object.entries(discoveries)) {
      const given = this.#config[key as keyof typeof discoveries] as readonly never[] | undefined
      if (key === 'consulagent_sd_configs') this.#addStatic()
      for (const [index, one] of (given ?? []).entries())
        // A key and its kind belong together, which TypeScript loses in a loop over the table.
        this.#addDiscovery(kind as unknown as DiscoveryKind<never>, one, index)
    }
  }

  #addDiscovery<T>(kind: DiscoveryKind<T>, config: T, index: number): void {
    const label = this.#numbered(index)
    this.#add(`discovery.${kind.component}`, kind.body(config, this.#findings), label)
    this.#targets.push(`discovery.${kind.component}.${label}.targets`)
  }

  #addStatic(): void {
    const groups = this.#config.static_configs ?? []
    const targets = groups.flatMap(staticTargets)
    if (targets.length > 0) this.#targets.push(`[${targets.map(mapText).join(', ')}]`)
  }

  /** Only if something found targets: a job without any reads no files. */
  tailFiles(): void {
    if (this.#targets.length === 0) return
    const { encoding, decompression } = this.#config
    const { global, positions, target_config: target } = this.#whole
    const watch = global.file_watch_config
    const forwardTo = this.#forwardTo()
    this.#add('loki.source.file', [
      expression('targets', this.#relabel().targets),
      expression('forward_to', forwardTo),
      attribute('encoding', encoding, ''),
      decompression === undefined || isPlainFile(decompression)
        ? undefined
        : block('decompression', [
            attribute('enabled', decompression.enabled),
            timeAttribute('initial_delay', decompression.initial_delay, 0),
            attribute('format', decompression.format),
          ]),
      blockUnlessEmpty('file_watch', [
        timeAttribute('min_poll_frequency', watch.min_poll_frequency, 250e6),
        timeAttribute('max_poll_frequency', watch.max_poll_frequency, 250e6),
      ]),
      block('file_match', [
        attribute('enabled', true),
        timeAttribute('sync_period', target.sync_period, 10e9),
      ]),
      attribute('legacy_positions_file', positions.filename, ''),
    ])
  }

  listen(): void {
    for (const [key, kind] of Object.entries(sources)) {
      const given = this.#config[key as keyof typeof sources]
      // As in discover(): the key picks the config and its kind, but TypeScript sees two unions.
      if (given !== undefined) this.#addSource(kind as unknown as SourceKind<typeof given>, given)
    }
  }

  #addSource<T>(kind: SourceKind<T>, config: T): void {
    const downstream = kind.relabels === 'downstream'
    const forwardTo = downstream ? this.#forwardThroughRelabel() : this.#forwardTo()
    const rules = downstream ? 'null' : this.#relabel().rules
    this.#add(`loki.source.${kind.component}`, kind.body(config, { forwardTo, rules }, this.#findings))
  }

  followContainers(): void {
    for (const [index, config] of (this.#config.docker_sd_configs ?? []).entries()) {
      const label = this.#numbered(index)
      this.#add('discovery.docker', docker.body(config, this.#findings), label)
      this.#addContainers(config, label)
    }
  }

  #addContainers(config: Docker, label: string): void {
    const forwardTo = this.#forwardTo()
    const { rules } = this.#relabel()
    const body = [
      attribute('host', config.host),
      expression('targets', `discovery.docker.${label}.targets`),
      expression('forward_to', forwardTo),
      expression('relabel_rules', rules),
      blockUnlessEmpty('http_client_config', httpBody(config)),
      timeAttribute('refresh_interval', config.refresh_interval, 60e9),
    ]
    this.#add('loki.source.docker', body, label)
  }

  /** Where the sources forward to: the pipeline of this job, or the writers if it has no stages. */
  #forwardTo(): string {
    if (this.#receivers !== undefined) return this.#receivers
    const nodes = (this.#config.pipeline_stages ?? []).filter((node) => node !== undefined)
    const limits = limitStages(this.#whole.limits_config)
    if (nodes.length === 0 && limits.length === 0) return (this.#receivers = this.#writers)
    const stages = [...limits, ...stageBlocks(nodes, this.#findings)]
    this.#add('loki.process', [expression('forward_to', this.#writers), ...stages])
    this.#receivers = `[loki.process.${this.#label}.receiver]`
    return this.#receivers
  }

  #forwardThroughRelabel(): string {
    const rules = this.#config.relabel_configs ?? []
    if (rules.length === 0) return this.#forwardTo()
    if (this.#relabelReceivers === undefined) {
      const forwardTo = this.#forwardTo()
      this.#add('loki.relabel', [expression('forward_to', forwardTo), ...ruleBlocks(rules)])
      this.#relabelReceivers = `[loki.relabel.${this.#label}.receiver]`
    }
    return this.#relabelReceivers
  }

  #relabel(): { readonly targets: string; readonly rules: string } {
    if (this.#relabelled !== undefined) return this.#relabelled
    const rules = this.#config.relabel_configs ?? []
    if (rules.length === 0) {
      this.#relabelled = { targets: this.#allTargets(), rules: 'null' }
      return this.#relabelled
    }
    this.#add('discovery.relabel', [expression('targets', this.#allTargets()), ...ruleBlocks(rules)])
    const name = `discovery.relabel.${this.#label}`
    this.#relabelled = { targets: `${name}.output`, rules: `${name}.rules` }
    return this.#relabelled
  }

  #allTargets(): string {
    const [first, ...more] = this.#targets
    if (more.length === 0) return first ?? '[]'
    return `array.concat(\n${this.#targets.map((text) => `${text},\n`).join('')})`
  }

  #numbered(index: number): string {
    return index === 0 ? this.#label : `${this.#label}_${index + 1}`
  }

  #add(name: string, body: Body, label = this.#label): void {
    this.blocks.push(block(name, body, label))
  }
}

/** The label sets of a group. Without targets Promtail takes its own host, since the files are here anyway. */
function staticTargets(group: TargetGroup): ReadonlyMap<string, string>[] {
  const addresses = group.targets === undefined || group.targets.length === 0 ? ['localhost'] : group.targets
  return addresses.map((address) => new Map([...(group.labels ?? []), ['__address__', address]]))
}

function isPlainFile(config: NonNullable<ScrapeConfig['decompression']>): boolean {
  return !config.enabled && config.initial_delay === 0 && config.format === ''
}

/** Promtail's limits hold for all jobs together; here each job gets them as its first stages. */
function limitStages(limits: Limits): Block[] {
  const stages: Block[] = []
  if (limits.readline_rate_enabled)
    stages.push(
      block('stage.limit', [
        attribute('rate', limits.readline_rate),
        attribute('burst', limits.readline_burst),
        attribute('drop', limits.readline_rate_drop, false),
      ]),
    )
  if (limits.max_line_size > 0)
    stages.push(
      limits.max_line_size_truncate
        ? block('stage.truncate', [block('rule', [sizeAttribute('limit', limits.max_line_size)])])
        : block('stage.drop', [sizeAttribute('longer_than', limits.max_line_size)]),
    )
  return stages
}
