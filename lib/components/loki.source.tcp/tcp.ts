/** `loki.source.tcp` (not in Alloy): lines over plain TCP or TLS, one entry a line. */
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import {
  defineComponent,
  RECEIVER,
  type Component,
  type ComponentContext,
  type Receiver,
} from '../../component/component.ts'
import {
  block,
  capsule,
  duration,
  integer,
  list,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { chunks } from '../../intake/chunks.ts'
import { UTF8 } from '../../intake/encoding.ts'
import { Intake } from '../../intake/intake.ts'
import { LineAssembler } from '../../intake/line-assembler.ts'
import type { Segment } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'
import { maxLineSizeField } from '../../component/options/source.ts'
import { listenerTls, listenerTlsFields, wantsTls } from '../../net/server/listener-tls.ts'
import { TcpListener } from '../../intake/tcp-listener.ts'
import { Warnings } from '../../intake/warnings.ts'

const fields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: required(integer, 'Port to listen on; 0 takes a free one.'),
  labels: optional(map(text), new Map<string, string>(), 'Labels of every line.'),
  max_line_size: maxLineSizeField,
  max_connections: optional(integer, 1024, 'Connections beyond these are turned away; 0: no limit.'),
  idle_timeout: optional(
    duration,
    0,
    'Time without a whole line after which a connection is closed; 0: never.',
  ),
  tls_config: block(listenerTlsFields, 'Certificate of the listener; with a CA, clients must show one too.'),
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the lines.'),
}

export const lokiSourceTcp = defineComponent({
  name: 'loki.source.tcp',
  summary: 'Listens for lines over TCP or TLS.',
  fields,
  stability: 'generally-available',
  exports: {},
  extension: true,
  create: (options, ctx) => new TcpSource(options, ctx),
})

class TcpSource implements Component<OptionsOf<typeof fields>> {
  #options: OptionsOf<typeof fields>
  readonly #ctx: ComponentContext
  readonly #intake: Intake
  readonly #lines: Partition<undefined>
  readonly #counts
  #labels: LabelSet
  #listener: TcpListener | undefined

  constructor(options: OptionsOf<typeof fields>, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new Intake(ctx, options.max_line_size)
    this.#lines = this.#intake.partition()
    this.#labels = labelSet(options.labels)
    const counter = (name: string, help: string) =>
      ctx.metrics.counter(`logstream_source_tcp_${name}_total`, help)
    this.#counts = {
      connections: counter('connections', 'Connections taken.'),
      lines: counter('lines', 'Lines read.'),
      bytes: counter('bytes', 'Bytes read.'),
      invalid: counter(
        'invalid_lines',
        'Lines with bytes that are not UTF-8; each run of those became U+FFFD.',
      ),
      errors: counter('errors', 'Connections that were turned away or broke off.'),
    }
    ctx.metrics.gauge('logstream_source_tcp_open_connections', 'Open connections.', () => this.#open)
  }

  get output(): Readable {
    return this.#intake.output
  }

  get #open(): number {
    return this.#listener?.connections ?? 0
  }

  async start(): Promise<void> {
    const { listen_address: host, listen_port: port, tls_config: tls } = this.#options
    const listener = new TcpListener({
      address: { host, port },
      tls: listenerTls(tls),
      idleTimeout: this.#options.idle_timeout,
      maxConnections: this.#options.max_connections,
      warnings: new Warnings(this.#ctx.log, this.#ctx.clock),
      serve: (socket, _peer, until, active) => this.#serve(socket, until, active),
      clock: this.#ctx.clock,
      onError: () => void this.#counts.errors.value++,
    })
    await listener.open()
    this.#listener = listener
    this.#ctx.log.info('listening for lines', { address: listener.address, tls: wantsTls(tls) })
  }

  async stop(): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    this.#intake.stop()
    await listener?.stop()
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** Connections stay open where only the labels change. */
  update(options: OptionsOf<typeof fields>): boolean {
    const others = (of: OptionsOf<typeof fields>) => ({ ...of, labels: undefined, forward_to: undefined })
    if (!isDeepStrictEqual(others(options), others(this.#options))) return false
    this.#options = options
    this.#labels = labelSet(options.labels)
    return true
  }

  status(): { listeners: { protocol: string; address: string; tls: boolean; connections: number }[] } {
    const address = this.#listener?.address ?? ''
    const tls = wantsTls(this.#options.tls_config)
    return { listeners: [{ protocol: 'tcp', address, tls, connections: this.#open }] }
  }

  async #serve(socket: Socket, until: AbortSignal, active: () => void): Promise<void> {
    const counts = this.#counts
    counts.connections.value++
    const assembler = new LineAssembler(UTF8, this.#options.max_line_size)
    const add = (segments: readonly Segment[]): void => {
      if (segments.length > 0) active()
      for (const segment of segments) {
        const cut = this.#lines.addSegment(segment, this.#labels, undefined)
        counts.lines.value += cut.lines
        counts.invalid.value += cut.invalid
      }
    }
    const flow = { room: () => this.#lines.room(), onError: () => void counts.errors.value++ }
    for await (const chunk of chunks(socket, until, flow)) {
      counts.bytes.value += chunk.length
      add(assembler.push(chunk))
    }
    add(assembler.end())
  }
}
