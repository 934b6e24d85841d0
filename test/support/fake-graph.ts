/** Small components for tests of the graph: a source that sends on command, a stage, a sink, a value; all tell what happens to them. */
import { PassThrough, Transform, Writable } from 'node:stream'
import { AckTracker } from '../../lib/flow/ack-tracker.ts'
import type { Value } from '../../lib/alloy/value.ts'
import { Batch } from '../../lib/flow/batch.ts'
import {
  defineComponent,
  RECEIVER,
  type ComponentContext,
  type ComponentDefinition,
  type Receiver,
} from '../../lib/component/component.ts'
import { Entry } from '../../lib/flow/entry.ts'
import { LogstreamError } from '../../lib/errors.ts'
import { any, capsule, flag, list, optional, required, text } from '../../lib/component/fields.ts'
import { EMPTY_LABELS } from '../../lib/flow/labels.ts'
import { DELIVERED } from '../../lib/flow/outcome.ts'

const forwardTo = required(list(capsule<Receiver>(RECEIVER)), 'Receivers.')

/** What a test sees of its components. */
export class FakeGraph {
  /** `create loki.x`, `start loki.x`, ... in the order in which it happened. */
  readonly events: string[] = []
  /** Lines by the id of the sink that took them. */
  readonly taken = new Map<string, string[]>()
  /** The last context made for an id. */
  readonly contexts = new Map<string, ComponentContext>()
  /** Ids of sinks that can't start for the time being. */
  readonly failing = new Set<string>()
  readonly #sends = new Map<string, (line: string) => void>()
  readonly #held: (() => void)[] = []

  /** Makes the source `id` read a line. */
  send(id: string, line: string): void {
    this.#sends.get(id)!(line)
  }

  /** Lets sinks with `hold` take what they hold. */
  letGo(): void {
    for (const done of this.#held.splice(0)) done()
  }

  /** The events since the last call that match. */
  drainEvents(pattern = /./): string[] {
    return this.events.splice(0).filter((event) => pattern.test(event))
  }

  get definitions(): readonly ComponentDefinition[] {
    return [this.#source(), this.#pass(), this.#sink(), this.#value()]
  }

  #note(event: string, ctx: ComponentContext): void {
    if (event === 'create') this.contexts.set(ctx.id, ctx)
    this.events.push(`${event} ${ctx.id}`)
  }

  #source() {
    return defineComponent({
      name: 'test.source',
      summary: 'Sends on command.',
      stability: 'generally-available',
      exports: {},
      fields: { forward_to: forwardTo, tag: optional(text, '', 'Any.') },
      create: (options, ctx) => {
        this.#note('create', ctx)
        const output = new PassThrough({ objectMode: true })
        const tracker = new AckTracker<number>({ ledger: ctx.ledger, replayable: true, onAdvance: () => {} })
        const send = (line: string): void =>
          void output.write(
            new Batch([new Entry(0, 0, line + options.tag, EMPTY_LABELS, tracker.open(1, 1, 0))]),
          )
        return {
          output,
          start: () => {
            this.#note('start', ctx)
            this.#sends.set(ctx.id, send)
          },
          stop: () => {
            this.#note('stop', ctx)
            output.end()
          },
          close: () => this.#note('close', ctx),
        }
      },
    })
  }

  #pass() {
    return defineComponent({
      name: 'test.pass',
      summary: 'Marks lines.',
      stability: 'generally-available',
      exports: { receiver: 'Takes entries.' },
      fields: {
        forward_to: forwardTo,
        mark: optional(text, '', 'Mark.'),
        hold: optional(flag, false, 'Holds all until the end.'),
      },
      create: (options, ctx) => {
        this.#note('create', ctx)
        const counter = ctx.metrics.counter('test_pass_total', 'Lines.')
        const held: Batch[] = []
        const stream = new Transform({
          objectMode: true,
          transform: (batch: Batch, _encoding, done) => {
            const entries = batch.take()
            counter.value += entries.length
            for (const entry of entries) entry.line += options.mark
            if (!options.hold) return done(null, new Batch(entries))
            held.push(new Batch(entries))
            done()
          },
          flush: (done) => {
            this.#note('flush', ctx)
            for (const batch of held) stream.push(batch)
            done()
          },
        })
        return {
          input: stream,
          output: stream,
          start: () => this.#note('start', ctx),
          close: () => this.#note('close', ctx),
        }
      },
    })
  }

  #sink() {
    return defineComponent({
      name: 'test.sink',
      summary: 'Takes lines.',
      stability: 'generally-available',
      exports: { receiver: 'Takes entries.' },
      fields: {
        fail: optional(text, '', 'When to fail.', ['', 'create', 'start', 'write', 'close']),
        in_place: optional(text, '', 'May change while it runs.'),
        anew: optional(text, '', 'May not.'),
        hold: optional(flag, false, 'Waits for letGo.'),
        value: optional(any, null, 'Any value.'),
      },
      create: (options, ctx) => {
        this.#note('create', ctx)
        if (options.fail === 'create')
          throw new LogstreamError('BAD_ARGUMENT', 'it cannot be made', { option: 'fail' })
        let now = options
        const taken: string[] = this.taken.get(ctx.id) ?? []
        this.taken.set(ctx.id, taken)
        const input = new Writable({
          objectMode: true,
          highWaterMark: 1,
          write: (batch: Batch, _encoding, done) => {
            if (now.fail === 'write') return done(new Error('the sink broke'))
            const take = (): void => {
              for (const entry of batch.take()) {
                taken.push(entry.line + now.in_place)
                entry.ack.settle(DELIVERED)
              }
              done()
            }
            if (now.hold) this.#held.push(take)
            else take()
          },
          final: (done) => {
            this.#note('end', ctx)
            done()
          },
        })
        return {
          input,
          start: () => {
            this.#note('start', ctx)
            if (now.fail === 'start' || this.failing.has(ctx.id))
              throw new LogstreamError('LISTEN', 'the port is taken')
          },
          update: (next) => {
            if (next.anew !== now.anew) return false
            this.#note('update', ctx)
            now = next
            return true
          },
          close: () => this.#note('close', ctx),
          status: () => ({ in_place: now.in_place }),
        }
      },
    })
  }

  #value() {
    return defineComponent({
      name: 'test.value',
      summary: 'Exports its argument.',
      stability: 'generally-available',
      exports: { value: 'The argument.', double: 'Twice the text.' },
      fields: { value: required(any, 'Value.') },
      create: (options, ctx) => {
        this.#note('create', ctx)
        return { exports: valueExports(options.value), close: () => this.#note('close', ctx) }
      },
    })
  }
}

/** What `test.value` exports for a value. */
export function valueExports(value: Value): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['value', value],
    ['double', typeof value === 'string' ? value + value : null],
  ])
}
