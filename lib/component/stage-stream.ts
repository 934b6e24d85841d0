/**
 * A stage as a Node stream: one hop for any number of stages, which `composeStages` has joined. Those that only answer
 * to input get a Duplex of stream-chain; those that emit without input (multiline, limit) a through2 Transform with a
 * timer.
 */
import type { Duplex, Readable } from 'node:stream'
import { asStream, flushable, gen, none } from 'stream-chain'
import { objectTransform } from 'through2'
import { Batch, entriesOf } from '../flow/batch.ts'
import { Columns } from '../flow/columns.ts'
import { Stamps, type Clock, type Timer } from '../flow/clock.ts'
import type {
  Context,
  Stage,
  StageDeclaration,
  StageDefinition,
  StageFactory,
  StreamOptions,
} from './component.ts'
import { libraryContext } from './context.ts'
import { decodeInput } from './decode.ts'
import { Entry } from '../flow/entry.ts'
import { LogstreamError } from '../errors.ts'
import type { Fields, InputOf, StageSpec } from './fields.ts'
import { EMPTY_LABELS } from '../flow/labels.ts'
import { composeStages, countOf, createStage, runStage, type Rows } from './stage.ts'
import { tapped } from './tapped.ts'

/** What a stage's writable side takes: a string is one line, stamped with the current time. */
export type StageInput = Batch | Entry | string | Buffer

/** Two batches in a queue keep both neighbours busy; more only costs memory. */
const STREAM_OPTIONS = { objectMode: true, highWaterMark: 2 }

const STAGE = Symbol('stage')

/** A Node stream that a stage factory made. */
export interface StageStream extends Duplex {
  readonly [STAGE]: {
    readonly stage: Stage
    readonly options: StreamOptions
    /** Whether another stream is piped into it. */
    readonly isFed: () => boolean
  }
}

export function isStageStream(stream: unknown): stream is StageStream {
  return typeof stream === 'object' && stream !== null && STAGE in stream
}

/** Whether the stream has been left alone since it was made, so that another may do its work unseen. */
export function isUnused(stream: StageStream): boolean {
  return (
    !stream.destroyed &&
    !stream.writableEnded &&
    stream.writableLength === 0 &&
    stream.readableLength === 0 &&
    stream.readableFlowing === null &&
    stream.listenerCount('readable') === 0 &&
    !stream[STAGE].isFed()
  )
}

/**
 * Stage streams as one: it emits what the last one would, by the clock of those that have one. The streams it
 * replaces take no writes any more; destroying one destroys it.
 */
export function fusedStages(streams: readonly StageStream[]): Duplex {
  const parts = streams.map((stream) => stream[STAGE])
  const last = parts.at(-1)!
  const clocked = parts.find(({ stage }) => stage.tick !== undefined) ?? last
  const fused = stageStream(
    parts.map(({ stage }) => stage),
    { ...last.options, context: clocked.options.context },
  )
  const refuse = (): never => {
    throw new LogstreamError(
      'BAD_ARGUMENT',
      'this stage runs inside pipeline(), as one with its neighbours: write to the first part of the pipeline instead',
    )
  }
  for (const stream of streams) {
    Object.assign(stream, { write: refuse, end: refuse })
    stream.once('close', () => fused.destroy(stream.errored ?? undefined))
  }
  return fused
}

/** Declares a stage. Returns the function that library users call for a Transform; it carries the definition. */
export function defineStage<F extends Fields>(declaration: StageDeclaration<F>): StageFactory<F> {
  const definition = erased(declaration)
  const factory = (input: InputOf<F>, stream: StreamOptions = {}): Duplex => {
    const ctx = stream.context ?? libraryContext(`stage.${definition.name}`)
    const options = decodeInput(`stage.${definition.name}`, definition.fields, input)
    return stageStream([createStage(definition, options, ctx)], { ...stream, context: ctx })
  }
  return Object.assign(factory, { definition })
}

/** A stage with stages of its own: library users pass them as a list of Transforms, which it then owns. */
export interface NestingStageFactory<F extends Fields> {
  (options: InputOf<F>, inner?: readonly Duplex[], stream?: StreamOptions): Duplex
  readonly definition: StageDefinition<F>
}

/** Declares a stage that has inner stages, in a field `stage: stages(...)`. */
export function defineNestingStage<F extends Fields>(
  declaration: StageDeclaration<F>,
): NestingStageFactory<F> {
  const definition = erased(declaration)
  const name = `stage.${definition.name}`
  const factory = (input: InputOf<F>, inner: readonly Duplex[] = [], stream: StreamOptions = {}): Duplex => {
    // Blocks of a config are specs; here each Transform takes the place of one.
    const given = new Map<StageSpec, Stage>(inner.map((part, i) => [specOf(i), innerStage(name, part, i)]))
    const ctx: Context = {
      ...(stream.context ?? libraryContext(name)),
      stages: (specs) => composeStages(specs.map((spec) => given.get(spec)!)),
    }
    const written = { ...input, stage: [...given.keys()] }
    const options = decodeInput(name, definition.fields, written)
    return stageStream([createStage(definition, options, ctx)], { ...stream, context: ctx })
  }
  return Object.assign(factory, { definition })
}

// Options come from decoding with `fields`, which TypeScript cannot follow through a table of definitions.
function erased<F extends Fields>(declaration: StageDeclaration<F>): StageDefinition<F> {
  return declaration as StageDeclaration<F> & StageDefinition<F>
}

function specOf(index: number): StageSpec {
  return { name: `inner stage ${index + 1}`, options: {} }
}

function innerStage(name: string, part: Duplex, index: number): Stage {
  if (!isStageStream(part))
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `${name}: inner stage ${index + 1}: expected the Transform of a stage, as labels({ ... }), found another Node stream`,
      { option: 'stage' },
    )
  return part[STAGE].stage
}

/** One Duplex that runs the stages in order; they belong to it from here on. */
export function stageStream(stages: readonly Stage[], options: StreamOptions = {}): StageStream {
  const stage = composeStages(stages)
  const ctx = options.context ?? libraryContext('stage')
  const intake = createIntake(ctx.clock)
  const wrap = options.batches === false ? unwrapped : (rows: Rows): Batch => new Batch(rows)
  const stream =
    stage.tick === undefined
      ? untimedStream(stage, intake.take, wrap, options.batches === false)
      : clockedStream(stage, ctx, intake.take, wrap)
  intake.watch(stream)
  return Object.assign(stream, { [STAGE]: { stage, options, isFed: intake.isFed } })
}

const unwrapped = (rows: Rows): Entry[] => (rows instanceof Columns ? entriesOf(rows) : rows)

/** Returns the stream of a component that is a single stage, watchable like those of `loki.process`. */
export function oneStage(name: string, stage: Stage, ctx: Context): StageStream {
  return stageStream([tapped(name, stage, ctx.tap)], { context: ctx })
}

function untimedStream(
  stage: Stage,
  take: (input: StageInput) => Rows,
  wrap: (rows: Rows) => Batch | Entry[],
  single: boolean,
): Duplex {
  const run = flushable(
    (rows: Rows | typeof none) => (rows === none ? flushOf(stage) : ifAny(runStage(stage, rows as Rows))),
    null,
    () => stage.close?.(),
  )
  const emit: (entries: unknown) => unknown = single
    ? function* (rows: unknown) {
        yield* wrap(rows as Rows) as Entry[]
      }
    : (rows) => wrap(rows as Rows)
  // Not `chain()`: it wraps a second Duplex around this one, with a queue of 16 batches that cannot be made smaller.
  const stream = asStream(gen(take, run, emit) as (input: StageInput) => unknown, STREAM_OPTIONS) as Duplex
  // stream-chain closes a step on failure only; a clean end closes here.
  stream.once('end', () => stage.close?.())
  return stream
}

function ifAny(rows: Rows | Promise<Entry[]>): unknown {
  if (rows instanceof Promise) return rows.then(ifAny)
  return countOf(rows) === 0 ? none : rows
}

function flushOf(stage: Stage): unknown {
  return stage.flush === undefined ? none : ifAny(stage.flush())
}

function clockedStream(
  stage: Stage,
  ctx: Context,
  take: (input: StageInput) => Rows,
  wrap: (rows: Rows) => Batch | Entry[],
): Duplex {
  let timer: Timer | undefined
  let ticking: Promise<void> | undefined
  let ended = false
  const give = (rows: Rows): void => {
    if (countOf(rows) === 0) return
    const out = wrap(rows)
    if (out instanceof Batch) stream.push(out)
    else for (const entry of out) stream.push(entry)
  }
  const schedule = (): void => {
    timer?.cancel()
    const due = ended ? undefined : stage.dueAt?.()
    timer = due === undefined ? undefined : ctx.clock.after(due - ctx.clock.now(), fire)
  }
  const fire = (): void => {
    const tick = new Promise<Entry[]>((resolve) => resolve(stage.tick?.() ?? [])).then(
      (entries) => {
        if (!ended) give(entries)
      },
      (error: unknown) => void stream.destroy(error as Error),
    )
    const all = ticking === undefined ? tick : Promise.all([ticking, tick]).then(() => undefined)
    ticking = all
    void all.then(() => {
      if (ticking === all) ticking = undefined
      schedule()
    })
  }
  const run = (input: StageInput, done: (error?: Error | null) => void): void => {
    const finish = (rows: Rows): void => {
      give(rows)
      schedule()
      done()
    }
    try {
      const running = runStage(stage, take(input))
      if (!(running instanceof Promise)) return finish(running)
      schedule()
      running.then(finish, done)
    } catch (error) {
      done(error as Error)
    }
  }
  const end = async (): Promise<void> => {
    timer?.cancel()
    await ticking
    const rest = (await stage.flush?.()) ?? []
    ended = true
    give(rest)
  }
  const stream = objectTransform(
    STREAM_OPTIONS,
    (input: StageInput, _encoding: string, done: (error?: Error | null) => void) => {
      if (ticking === undefined) run(input, done)
      else void ticking.then(() => run(input, done))
    },
    (done: (error?: Error | null) => void) => {
      end().then(() => done(), done)
    },
  ) as Duplex
  stream.once('close', () => {
    ended = true
    timer?.cancel()
    stage.close?.()
  })
  return stream
}

// What a stage is written: batches of our own, or whatever a library user pipes in.
function createIntake(clock: Clock): {
  take: (input: StageInput) => Rows
  watch: (stream: Duplex) => void
  isFed: () => boolean
} {
  const stamps = new Stamps(clock)
  const sources = new Set<Readable>()
  const toEntry = (line: string): Entry => {
    stamps.refresh()
    return Entry.now(stamps, line, EMPTY_LABELS)
  }
  return {
    take: (input) => {
      if (input instanceof Batch) {
        const takers = mostListeners(sources)
        return (takers === 1 ? input.takeColumns() : undefined) ?? input.take(takers)
      }
      if (input instanceof Entry) return [input]
      return [toEntry(typeof input === 'string' ? input : input.toString('utf8'))]
    },
    watch: (stream) => {
      stream.on('pipe', (source: Readable) => sources.add(source))
      stream.on('unpipe', (source: Readable) => sources.delete(source))
    },
    isFed: () => sources.size > 0,
  }
}

/** How many Node streams share the output of a source: with more than one, each must get clones. */
function mostListeners(sources: Set<Readable>): number {
  let most = 1
  for (const source of sources) most = Math.max(most, source.listenerCount('data'))
  return most
}
