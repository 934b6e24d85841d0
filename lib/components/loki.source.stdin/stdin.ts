/** `loki.source.stdin` (not in Alloy): the lines of a pipe, which is how `tail -f app.log | logstream` begins. */
import type { Readable } from 'node:stream'
import {
  defineComponent,
  RECEIVER,
  type Component,
  type ComponentContext,
  type ComponentDefinition,
  type Receiver,
} from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import { capsule, list, map, optional, required, text, type OptionsOf } from '../../component/fields.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { chunks } from '../../intake/chunks.ts'
import { maxLineSizeField } from '../../component/options/source.ts'
import { UTF8 } from '../../intake/encoding.ts'
import { Intake } from '../../intake/intake.ts'
import { LineAssembler } from '../../intake/line-assembler.ts'
import type { Segment } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'

const fields = {
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the lines.'),
  labels: optional(map(text), new Map<string, string>(), 'Labels of every line.'),
  max_line_size: maxLineSizeField,
}

/** The definition, reading from what `input` gives when the component starts. */
export function stdinSource(
  input: () => Readable,
): ComponentDefinition<typeof fields> & { readonly name: 'loki.source.stdin' } {
  return defineComponent({
    name: 'loki.source.stdin',
    summary: 'Reads lines from standard input until it ends.',
    fields,
    stability: 'generally-available',
    exports: {},
    extension: true,
    create: (options, ctx) => new StdinSource(options, ctx, input),
  })
}

class StdinSource implements Component<OptionsOf<typeof fields>> {
  readonly #ctx: ComponentContext
  readonly #input: () => Readable
  readonly #intake: Intake
  readonly #lines: Partition<undefined>
  readonly #labels: LabelSet
  readonly #assembler: LineAssembler
  readonly #invalid
  readonly #stopping = new AbortController()
  #reading: Promise<void> | undefined
  #ended = false

  constructor(options: OptionsOf<typeof fields>, ctx: ComponentContext, input: () => Readable) {
    this.#ctx = ctx
    this.#input = input
    this.#intake = new Intake(ctx, options.max_line_size)
    this.#lines = this.#intake.partition()
    this.#labels = labelSet(options.labels)
    this.#assembler = new LineAssembler(UTF8, options.max_line_size)
    this.#invalid = ctx.metrics.counter(
      'logstream_source_stdin_invalid_lines_total',
      'Lines with bytes that are not UTF-8; each run of those became U+FFFD.',
    )
  }

  get output(): Readable {
    return this.#intake.output
  }

  start(): void {
    this.#reading = this.#read().catch((error: unknown) => void this.output.destroy(error as Error))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#intake.stop()
    if (this.#reading === undefined) this.#intake.end()
    await this.#reading
  }

  async close(): Promise<void> {
    await this.stop()
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  health(): { state: 'healthy' | 'exited'; message: string } {
    return this.#ended
      ? { state: 'exited', message: 'standard input has ended' }
      : { state: 'healthy', message: 'reading standard input' }
  }

  async #read(): Promise<void> {
    const onError = (error: Error): void =>
      this.#ctx.log.error('standard input broke off', { error: messageOf(error) })
    const flow = { room: () => this.#lines.room(), onError }
    for await (const chunk of chunks(this.#input(), this.#stopping.signal, flow))
      this.#add(this.#assembler.push(chunk))
    this.#add(this.#assembler.end())
    this.#ended = true
    this.#intake.end()
  }

  #add(segments: readonly Segment[]): void {
    for (const segment of segments)
      this.#invalid.value += this.#lines.addSegment(segment, this.#labels, undefined).invalid
  }
}
