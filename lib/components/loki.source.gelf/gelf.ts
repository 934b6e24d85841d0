/** `loki.source.gelf`: Graylog's format over UDP, in chunks or not, plain or packed with gzip or zlib. */
import type { Readable } from 'node:stream'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { optional, text, type OptionsOf } from '../../component/fields.ts'
import { forwardField, rulesField, timestampField } from '../../component/options/source.ts'
import type { Timer } from '../../flow/clock.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { dropped } from '../../flow/outcome.ts'
import { compileRules, type Relabel } from '../../formats/relabel.ts'
import type { Instant } from '../../go/rfc3339.ts'
import { Intake } from '../../intake/intake.ts'
import { parseListenAddress } from '../../intake/listen.ts'
import { watchUdpDrops } from '../../intake/udp-drops.ts'
import { UdpListener } from '../../intake/udp-listener.ts'
import { Warnings } from '../../intake/warnings.ts'
import { readMessage, type GelfMessage, type MessageFault } from './message.ts'
import { isChunk, Reassembly, type ChunkFault } from './reassembly.ts'

const fields = {
  listen_address: optional(text, '127.0.0.1:12201', 'UDP address to listen on; `0.0.0.0:12201` for all.'),
  forward_to: forwardField,
  relabel_rules: rulesField,
  use_incoming_timestamp: timestampField,
}

type GelfOptions = OptionsOf<typeof fields>

export const lokiSourceGelf = defineComponent({
  name: 'loki.source.gelf',
  summary: 'Listens for GELF messages over UDP.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx) => new GelfSource(options, ctx),
})

const MAX_QUEUED_BYTES = 16 * 1024 * 1024

const BY_RULE = dropped('relabel_rule')

type Fault = ChunkFault | MessageFault | 'queue_full'

class GelfSource implements Component<GelfOptions> {
  readonly #ctx: ComponentContext
  readonly #intake: Intake
  readonly #lines
  readonly #warnings: Warnings
  readonly #reassembly = new Reassembly((fault, ip) => this.#refuse(fault, ip))
  readonly #udp: UdpListener
  readonly #counts
  #options: GelfOptions
  #relabel: Relabel | undefined
  #expiry: Timer | undefined

  constructor(options: GelfOptions, ctx: ComponentContext) {
    this.#options = options
    this.#relabel = relabelOf(options)
    this.#ctx = ctx
    this.#intake = new Intake(ctx)
    this.#lines = this.#intake.partition()
    this.#warnings = new Warnings(ctx.log, ctx.clock)
    this.#udp = new UdpListener(parseListenAddress(options.listen_address), {
      room: () => this.#lines.room(),
      take: (bytes, ip) => this.#take(bytes, ip),
      overflow: (ip) => this.#refuse('queue_full', ip),
      maxQueuedBytes: () => MAX_QUEUED_BYTES,
      failed: (error) => this.#warnings.warn('udp', 'cannot receive', { error }),
    })
    this.#counts = {
      entries: ctx.metrics.counter(
        'loki_source_gelf_target_entries_total',
        'Total number of successful entries sent to the gelf target',
      ),
      errors: ctx.metrics.counter(
        'loki_source_gelf_target_parsing_errors_total',
        'Total number of parsing errors while receiving gelf messages',
      ),
      refused: ctx.metrics.counters(
        'logstream_source_gelf_refused_total',
        'Messages and chunks that came to nothing, by reason.',
        'reason',
      ),
    }
    watchUdpDrops(ctx.metrics, 'logstream_source_gelf_udp_kernel_drops', () => this.status().listeners)
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    await this.#udp.open()
    this.#ctx.log.info('listening for GELF', { protocol: 'udp', address: this.#udp.address })
  }

  async stop(): Promise<void> {
    this.#intake.stop()
    await this.#udp.stop()
    this.#expiry?.cancel()
    this.#reassembly.end()
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** The port stays open unless its address changes. */
  update(options: GelfOptions): boolean {
    if (options.listen_address !== this.#options.listen_address) return false
    this.#relabel = relabelOf(options)
    this.#options = options
    return true
  }

  status(): { readonly listeners: readonly { readonly protocol: 'udp'; readonly address: string }[] } {
    return { listeners: [{ protocol: 'udp', address: this.#udp.address }] }
  }

  #take(datagram: Buffer, ip: string): void {
    if (!isChunk(datagram)) return this.#takeMessage(datagram, ip)
    const whole = this.#reassembly.add(datagram, ip, this.#ctx.clock.now())
    if (whole !== undefined) this.#takeMessage(whole, ip)
    this.#watchExpiry()
  }

  #takeMessage(packed: Buffer, ip: string): void {
    const message = readMessage(packed)
    if (typeof message === 'string') return this.#refuse(message, ip)
    const labels = this.#labels(message)
    if (labels === 'drop') return this.#lines.reject(BY_RULE, undefined)
    this.#counts.entries.value++
    this.#lines.add(message.line, labels, undefined, this.#timeOf(message))
  }

  /** As in Alloy, without labels that begin with `__`; Loki refuses entries without any, so those get one. */
  #labels({ level, host, version, facility }: GelfMessage): LabelSet | 'drop' {
    const labels = new Map([
      ['__gelf_message_level', LEVELS[level] ?? ''],
      ['__gelf_message_host', host],
      ['__gelf_message_version', version],
      ['__gelf_message_facility', facility],
    ])
    for (const [name, value] of labels) if (value === '') labels.delete(name)
    if (this.#relabel?.(labels) === 'drop') return 'drop'
    const visible = [...labels].filter(([name, value]) => value !== '' && !name.startsWith('__'))
    return labelSet(visible.length > 0 ? visible : [['job', this.#ctx.id]])
  }

  #timeOf({ timestamp }: GelfMessage): Instant | undefined {
    if (!this.#options.use_incoming_timestamp || timestamp === 0) return undefined
    const nanos = Math.trunc(timestamp * 1e9)
    if (!Number.isFinite(nanos) || Math.abs(nanos) > 9.2e18) return undefined
    const exact = BigInt(nanos)
    const rest = ((exact % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
    return { seconds: Number((exact - rest) / 1_000_000_000n), nanos: Number(rest) }
  }

  #refuse(fault: Fault, ip: string): void {
    this.#counts.refused.add(fault)
    this.#counts.errors.value++
    this.#lines.reject(dropped(`gelf_${fault}`), undefined)
    this.#warnings.warn(fault, 'a GELF message was refused', { peer: ip, reason: WHY[fault] })
  }

  // Messages that are never completed end even when nothing else comes.
  #watchExpiry(): void {
    const due = this.#reassembly.dueAt
    if (due === undefined || this.#expiry !== undefined) return
    const { clock } = this.#ctx
    this.#expiry = clock.after(due - clock.now(), () => {
      this.#expiry = undefined
      this.#reassembly.expire(clock.now())
      this.#watchExpiry()
    })
  }
}

const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug']

const WHY: Readonly<Record<Fault, string>> = {
  bad_chunk: 'a chunk has no data, or its number is not one of at most 128',
  incomplete: 'not all chunks have come within 5 s',
  no_room: 'too many unfinished messages: 16 MiB are held',
  queue_full: 'messages come faster than they are taken',
  bad_gzip: 'broken gzip',
  bad_zlib: 'broken zlib',
  too_large: 'larger than 8 MiB when unpacked',
  bad_json: 'not a JSON object',
  bad_field: 'a field of GELF has the wrong type',
}

function relabelOf({ relabel_rules: rules }: GelfOptions): Relabel | undefined {
  return rules === undefined ? undefined : compileRules(rules)
}
