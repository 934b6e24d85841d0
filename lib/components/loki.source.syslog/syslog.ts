/** `loki.source.syslog`: syslog over TCP, TLS and UDP. */
import { reverse } from 'node:dns/promises'
import type { Readable } from 'node:stream'
import {
  defineComponent,
  type Component,
  type ComponentContext,
  type ComponentDefinition,
} from '../../component/component.ts'
import { compileRules, type Relabel } from '../../formats/relabel.ts'
import { Intake } from '../../intake/intake.ts'
import { watchUdpDrops } from '../../intake/udp-drops.ts'
import { wantsTls } from '../../net/server/listener-tls.ts'
import { checkListener, syslogFields, type ListenerOptions, type SyslogOptions } from './fields.ts'
import { Hostnames, type ReverseLookup } from './hostnames.ts'
import { labeller } from './labels.ts'
import { TcpSyslogListener } from './listener-tcp.ts'
import { UdpSyslogListener } from './listener-udp.ts'
import type { ListenerContext, SyslogListener } from './listener.ts'
import { syslogMetrics, SyslogReader } from './reader.ts'
import { Warnings } from '../../intake/warnings.ts'

/** The definition, with the look-up of senders' names that it uses. */
export function syslogSource(
  lookup: ReverseLookup,
): ComponentDefinition<typeof syslogFields> & { readonly name: 'loki.source.syslog' } {
  return defineComponent({
    name: 'loki.source.syslog',
    summary: 'Listens for syslog messages over TCP, TLS or UDP.',
    fields: syslogFields,
    stability: 'generally-available',
    exports: {},
    create: (options, ctx) => new SyslogSource(options, ctx, lookup),
  })
}

// Not `reverse` itself: it would load Node's resolver at every start.
export const lokiSourceSyslog = syslogSource((address) => reverse(address))

/** What the page shows of one listener. */
export interface ListenerStatus {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly tls: boolean
  readonly connections: number
}

class SyslogSource implements Component<SyslogOptions> {
  readonly #ctx: ComponentContext
  readonly #intake: Intake
  readonly #lines
  readonly #warnings: Warnings
  readonly #metrics
  readonly #lookup: ReverseLookup
  #options: SyslogOptions
  #listeners: SyslogListener[] = []

  constructor(options: SyslogOptions, ctx: ComponentContext, lookup: ReverseLookup) {
    check(options, ctx)
    this.#options = options
    this.#ctx = ctx
    this.#lookup = lookup
    this.#intake = new Intake(ctx, options.max_line_size)
    this.#lines = this.#intake.partition()
    this.#warnings = new Warnings(ctx.log, ctx.clock)
    this.#metrics = syslogMetrics(ctx.metrics)
    ctx.metrics.gauge('logstream_source_syslog_connections', 'Open connections.', () =>
      this.#listeners.reduce((sum, { connections }) => sum + connections, 0),
    )
    watchUdpDrops(ctx.metrics, 'logstream_source_syslog_udp_kernel_drops', () => this.status().listeners)
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    try {
      for (const options of this.#options.listener) await this.#open(options)
    } catch (error) {
      await this.#closeListeners()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#intake.stop()
    await this.#closeListeners()
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** Ports stay open as long as no listener's address, protocol, TLS or time-out changes. */
  update(options: SyslogOptions): boolean {
    check(options, this.#ctx)
    const same =
      options.listener.length === this.#listeners.length &&
      options.listener.every((listener, i) => socketKey(listener) === socketKey(this.#listeners[i]!.options))
    if (options.max_line_size !== this.#options.max_line_size) return false
    if (!same || (options.relabel_rules === undefined) !== (this.#options.relabel_rules === undefined))
      return false
    this.#options = options
    for (const [i, listener] of options.listener.entries())
      this.#listeners[i]!.change(listener, this.#reader(listener))
    return true
  }

  status(): { readonly listeners: readonly ListenerStatus[] } {
    const listeners = this.#listeners.map(({ options, address, connections }) => {
      const protocol = options.protocol === 'udp' ? 'udp' : 'tcp'
      return { protocol, address, tls: wantsTls(options.tls_config), connections } as const
    })
    return { listeners }
  }

  async #open(options: ListenerOptions): Promise<void> {
    const reader = this.#reader(options)
    const hostnames =
      this.#options.relabel_rules === undefined
        ? undefined
        : new Hostnames(this.#lookup, this.#ctx.clock, options.udp_host_cache_size)
    const ctx = { ...this.#shared(), hostnames }
    const listener =
      options.protocol === 'udp'
        ? new UdpSyslogListener(options, reader, ctx)
        : new TcpSyslogListener(options, reader, ctx)
    await listener.open()
    this.#listeners.push(listener)
    const { protocol, address, tls } = this.status().listeners.at(-1)!
    this.#ctx.log.info('listening for syslog', { protocol, address, tls, format: options.syslog_format })
  }

  #reader(options: ListenerOptions): SyslogReader {
    const label = labeller({
      labels: options.labels,
      labelStructuredData: options.label_structured_data,
      relabel: relabelOf(this.#options),
    })
    return new SyslogReader(options, label, this.#shared())
  }

  #shared(): Omit<ListenerContext, 'hostnames'> {
    return {
      lines: this.#lines,
      metrics: this.#metrics,
      warnings: this.#warnings,
      clock: this.#ctx.clock,
      maxLineBytes: this.#options.max_line_size,
    }
  }

  async #closeListeners(): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = []
    await Promise.all(listeners.map((listener) => listener.stop()))
  }
}

function check(options: SyslogOptions, ctx: ComponentContext): void {
  for (const listener of options.listener) checkListener(listener, ctx.stability)
  relabelOf(options)
}

function relabelOf({ relabel_rules: rules }: SyslogOptions): Relabel | undefined {
  return rules === undefined ? undefined : compileRules(rules)
}

// What cannot change while the port is open.
function socketKey({
  address,
  protocol,
  idle_timeout,
  tls_config,
  udp_host_cache_size,
}: ListenerOptions): string {
  return JSON.stringify([address, protocol, idle_timeout, tls_config, udp_host_cache_size])
}
