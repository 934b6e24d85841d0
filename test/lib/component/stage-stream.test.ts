import { once } from 'node:events'
import { type Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { AckTracker } from '../../../lib/flow/ack-tracker.ts'
import { Batch } from '../../../lib/flow/batch.ts'
import type { Clock } from '../../../lib/flow/clock.ts'
import type { Context, EntryFn, Stage, StreamOptions } from '../../../lib/component/component.ts'
import { libraryContext } from '../../../lib/component/context.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { optional, required, stages, text } from '../../../lib/component/fields.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'
import {
  defineNestingStage,
  defineStage,
  fusedStages,
  isStageStream,
  stageStream,
} from '../../../lib/component/stage-stream.ts'
import { StepClock } from '../../support/step-clock.ts'

const DROPPED = dropped('test')

/** Appends a mark; a line "drop" is dropped, "boom" throws. */
const mark = defineStage({
  name: 'mark',
  summary: 'Marks lines.',
  fields: { text: required(text, 'Mark.'), drop: optional(text, 'drop', 'Line to drop.') },
  create: (options): EntryFn => {
    return (entry) => {
      if (entry.line === options.drop) return DROPPED
      if (entry.line === 'boom') throw new Error('the stage broke')
      entry.line += options.text
      return undefined
    }
  },
})

const linesOf = (chunks: readonly unknown[]): string[] =>
  chunks.flatMap((chunk) =>
    chunk instanceof Batch ? chunk.take().map(({ line }) => line) : [(chunk as Entry).line],
  )

async function collect(stream: Readable): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const entry = (line: string): Entry => new Entry(1, 2, line, EMPTY_LABELS)

void t.test('text becomes entries stamped with the present, in order', async (tap) => {
  const before = Date.now()
  const chunks = await collect(Readable.from(['a', Buffer.from('ü'), entry('e')]).pipe(mark({ text: '!' })))
  tap.ok(chunks.every((chunk) => chunk instanceof Batch))
  const [first, second, third] = chunks.flatMap((chunk) => [...(chunk as Batch).peek()])
  tap.same([first!.line, second!.line, third!.line], ['a!', 'ü!', 'e!'])
  tap.ok(first!.seconds >= Math.floor(before / 1000))
  tap.ok(second!.seconds > first!.seconds || second!.nanos > first!.nanos, 'never two at one time')
  tap.same([third!.seconds, third!.nanos, first!.labels], [1, 2, EMPTY_LABELS])
})

void t.test(
  'batches in, batches or single entries out; nothing for a batch that was dropped',
  async (tap) => {
    const source = (): Readable =>
      Readable.from([new Batch([entry('a'), entry('drop'), entry('b')]), new Batch([entry('drop')])])
    const batches = await collect(source().pipe(mark({ text: '!' })))
    tap.equal(batches.length, 1)
    tap.same(linesOf(batches), ['a!', 'b!'])
    const single = await collect(source().pipe(mark({ text: '!' }, { batches: false })))
    tap.ok(single.every((each) => each instanceof Entry))
    tap.same(linesOf(single), ['a!', 'b!'])
  },
)

void t.test('in node:stream pipeline()', async (tap) => {
  const seen: string[] = []
  await pipeline(
    Readable.from(['a', 'drop', 'b']),
    mark({ text: '1' }),
    mark({ text: '2' }, { batches: false }),
    new Writable({
      objectMode: true,
      write: (each: Entry, _encoding, done) => {
        seen.push(each.line)
        done()
      },
    }),
  )
  tap.same(seen, ['a12', 'b12'])
})

void t.test('a stage that throws tears the pipeline down with its error', async (tap) => {
  for (const make of [(): Duplex => mark({ text: '!' }), (): Duplex => clocked(libraryContext('t')).stream]) {
    const source = Readable.from(['a', 'boom', 'b'])
    const stage = make()
    const sink = new Writable({ objectMode: true, write: (_chunk, _encoding, done) => done() })
    await tap.rejects(pipeline(source, stage, sink), /the stage broke/)
    tap.same([source.destroyed, stage.destroyed, sink.destroyed], [true, true, true])
  }
})

void t.test('an AbortSignal ends everything', async (tap) => {
  const abort = new AbortController()
  const source = new Readable({ objectMode: true, read: () => {} })
  const stage = mark({ text: '!' })
  const done = pipeline(source, stage, new Writable({ objectMode: true }), { signal: abort.signal })
  abort.abort()
  await tap.rejects(done, { name: 'AbortError' })
  tap.same([source.destroyed, stage.destroyed], [true, true])
})

void t.test('one source into two stages: each has clones, every unit ends once', async (tap) => {
  const ledger = new Ledger()
  const tracker = new AckTracker<number>({ ledger, replayable: true, onAdvance: () => {} })
  const source = new PassThrough({ objectMode: true })
  const left = source.pipe(mark({ text: 'L' }))
  const right = source.pipe(mark({ text: 'R', drop: 'b' }))
  const both = Promise.all([collect(left), collect(right)])
  const ack = tracker.open(2, 2, 0)
  source.end(new Batch(['a', 'b'].map((line) => new Entry(0, 0, line, EMPTY_LABELS, ack))))
  const [l, r] = await both
  tap.equal(ledger.inFlight, 2)
  for (const chunk of [...l, ...r]) {
    for (const each of (chunk as Batch).peek()) each.ack.settle(DELIVERED)
  }
  tap.same([linesOf(l), linesOf(r)], [['aL', 'bL'], ['aR']])
  tap.same([ledger.total('delivered'), ledger.total('dropped')], [1, 1])
  tap.equal(tracker.unsettled, 0)
})

void t.test('a slow Writable holds the source back', async (tap) => {
  const SIZE = 100
  let read = 0
  let written = 0
  let most = 0
  const source = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      read++
      most = Math.max(most, read - written)
      this.push(read > 200 ? null : new Batch(Array.from({ length: SIZE }, () => entry('x'))))
    },
  })
  const sink = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_batch, _encoding, done) => {
      written++
      setImmediate(done)
    },
  })
  const fused = fusedStages([1, 2, 3].map(() => mark({ text: '.' })).filter(isStageStream))
  await pipeline(source, mark({ text: '.' }), fused, clocked(libraryContext('t')).stream, sink)
  tap.equal(written, 200)
  tap.ok(most <= 14, `at most ${most} batches were on their way`)
})

// ---- with a clock ----

/** Holds a line until 100 ms after the last one, as multiline does. */
class Wait implements Stage {
  readonly #clock: Clock
  #held: Entry[] = []
  #due: number | undefined
  closed = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  run(entries: Entry[]): Entry[] {
    if (entries.some(({ line }) => line === 'boom')) throw new Error('the stage broke')
    const out = this.#held
    this.#held = entries
    this.#due = this.#clock.now() + 100
    return out
  }

  dueAt(): number | undefined {
    return this.#due
  }

  tick(): Entry[] {
    if (this.#held.some(({ line }) => line === 'tick-boom')) throw new Error('the tick broke')
    this.#due = undefined
    return this.#held.splice(0)
  }

  flush(): Entry[] {
    return this.#held.splice(0)
  }

  close(): void {
    this.closed++
  }
}

function fakeContext(): { ctx: Context; time: StepClock } {
  const time = new StepClock()
  return { ctx: { ...libraryContext('test'), clock: time }, time }
}

function clocked(ctx: Context, options: StreamOptions = {}): { stream: Duplex; stage: Wait } {
  const stage = new Wait(ctx.clock)
  return { stage, stream: stageStream([stage], { ...options, context: ctx }) }
}

void t.test('a stage with a clock gives what is due without input', async (tap) => {
  const { ctx, time } = fakeContext()
  const { stream, stage } = clocked(ctx)
  const seen: string[] = []
  stream.on('data', (batch: Batch) => seen.push(...linesOf([batch])))
  stream.write('a')
  await turn()
  time.advance(99)
  await turn()
  tap.same(seen, [])
  stream.write('b')
  await turn()
  tap.same(seen, ['a'], 'the next line lets the first go, and the time begins anew')
  time.advance(99)
  await turn()
  tap.same(seen, ['a'])
  time.advance(1)
  await turn()
  tap.same(seen, ['a', 'b'])
  stream.end('c')
  await once(stream, 'close')
  tap.same(seen, ['a', 'b', 'c'], 'the end lets the rest go')
  tap.equal(stage.closed, 1)
  tap.equal(time.pending, 0, 'no timer is left')
})

void t.test('a stage with a clock gives single entries too', async (tap) => {
  const { ctx } = fakeContext()
  const { stream } = clocked(ctx, { batches: false })
  stream.end(new Batch([entry('a'), entry('b')]))
  const chunks = await collect(stream)
  tap.ok(chunks.every((each) => each instanceof Entry))
  tap.same(linesOf(chunks), ['a', 'b'])
})

void t.test('what breaks in a timer breaks the Node stream, not the process', async (tap) => {
  const { ctx, time } = fakeContext()
  const { stream, stage } = clocked(ctx)
  stream.resume()
  stream.write('tick-boom')
  await turn()
  time.advance(100)
  const [error] = (await once(stream, 'error')) as [Error]
  tap.match(error.message, /the tick broke/)
  await turn()
  tap.equal(stage.closed, 1)
  tap.equal(time.pending, 0)
})

void t.test('stages are closed when their Node stream ends or is destroyed', async (tap) => {
  for (const end of ['end', 'destroy'] as const) {
    let closed = 0
    const stage: Stage = { run: (entries) => entries, close: () => closed++ }
    const stream = stageStream([stage, { run: (entries) => entries, close: () => closed++ }])
    stream.resume()
    const over = once(stream, 'close')
    stream[end]()
    await over
    tap.equal(closed, 2, end)
  }
})

// ---- stages in stages ----

const nest = defineNestingStage({
  name: 'nest',
  summary: 'Runs inner stages.',
  fields: { prefix: optional(text, '', 'Put in front.'), stage: stages('Inner stages.') },
  create: (options, ctx): Stage => {
    const inner = ctx.stages(options.stage)
    return {
      run: (entries) => {
        for (const each of entries) each.line = options.prefix + each.line
        return inner.run(entries)
      },
    }
  },
})

void t.test('inner stages are passed as Transforms', async (tap) => {
  const stage = nest({ prefix: '>' }, [mark({ text: '1' }), nest({ prefix: '>' }, [mark({ text: '2' })])])
  tap.same(linesOf(await collect(Readable.from(['a', 'b']).pipe(stage))), ['>>a12', '>>b12'])
  tap.same(linesOf(await collect(Readable.from(['a']).pipe(nest({})))), ['a'])
  const other = new PassThrough({ objectMode: true })
  tap.throws(() => nest({}, [other]), { code: 'BAD_ARGUMENT', message: /inner stage 1/, option: 'stage' })
})

void t.test('a factory carries its definition and checks its options', (tap) => {
  tap.equal(mark.definition.name, 'mark')
  tap.ok(isStageStream(mark({ text: 'x' })))
  tap.same([new PassThrough(), undefined, 'x'].filter(isStageStream), [])
  // @ts-expect-error -- a mistake that JavaScript callers can make
  tap.throws(() => mark({}), { code: 'BAD_ARGUMENT', message: /stage\.mark.*"text".*missing/ })
  // @ts-expect-error -- and another
  tap.throws(() => mark({ text: '1', dorp: 'x' }), /did you mean "drop"/)
  tap.end()
})
