import { PassThrough, Readable, Writable } from 'node:stream'
import t from 'tap'
import { Batch } from '../../lib/flow/batch.ts'
import type { Context, EntryFn, Stage } from '../../lib/component/component.ts'
import { libraryContext } from '../../lib/component/context.ts'
import { Entry } from '../../lib/flow/entry.ts'
import { required, text } from '../../lib/component/fields.ts'
import { fuse, pipeline } from '../../lib/pipeline.ts'
import { defineStage } from '../../lib/component/stage-stream.ts'
import { StepClock } from '../support/step-clock.ts'

const mark = defineStage({
  name: 'mark',
  summary: 'Marks lines.',
  fields: { text: required(text, 'Mark.') },
  create: (options): EntryFn => {
    return (entry) => {
      if (entry.line.startsWith('boom')) throw new Error('the stage broke')
      entry.line += options.text
      return undefined
    }
  },
})

/** Knows the clock that its Node stream runs by. */
const clocked = defineStage({
  name: 'clocked',
  summary: 'Returns its entries 10 ms late.',
  fields: {},
  create: (_, ctx): Stage => {
    let held: Entry[] = []
    let due: number | undefined
    return {
      run: (entries) => {
        held.push(...entries)
        due = ctx.clock.now() + 10
        return []
      },
      dueAt: () => due,
      tick: () => {
        due = undefined
        const out = held
        held = []
        return out
      },
    }
  },
})

function lines(into: string[]): Writable {
  return new Writable({
    objectMode: true,
    write: (chunk: Batch | Entry, _encoding, done) => {
      for (const { line } of chunk instanceof Batch ? chunk.take() : [chunk]) into.push(line)
      done()
    },
  })
}

void t.test('neighbouring stages become one Node stream, others stay', (tap) => {
  const source = Readable.from([])
  const middle = new PassThrough({ objectMode: true })
  const sink = lines([])
  const [a, b, c, d] = ['1', '2', '3', '4'].map((each) => mark({ text: each }))
  const fused = fuse([source, a!, b!, middle, c!, sink])
  tap.equal(fused.length, 5)
  tap.same(
    [fused[0] === source, fused[2] === middle, fused[3] === c, fused[4] === sink],
    [true, true, true, true],
  )
  tap.same(
    fuse([a!, b!, d!]),
    [a, b, d],
    'the ends belong to the caller, who may write to one and read from the other',
  )
  tap.same(fuse([]), [])
  tap.end()
})

void t.test('runs everything in order', async (tap) => {
  const seen: string[] = []
  await pipeline(
    Readable.from(['a', 'b']),
    mark({ text: '1' }),
    mark({ text: '2' }),
    mark({ text: '3' }),
    lines(seen),
  )
  tap.same(seen, ['a123', 'b123'])
})

void t.test('the last stage of a run decides whether batches or entries come out', async (tap) => {
  const chunks: unknown[] = []
  const sink = new Writable({
    objectMode: true,
    write: (chunk, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  await pipeline(Readable.from(['a']), mark({ text: '1' }), mark({ text: '2' }, { batches: false }), sink)
  tap.equal(chunks.length, 1)
  tap.ok(chunks[0] instanceof Entry)
})

void t.test('a fused stage keeps the clock that was injected into it', async (tap) => {
  const time = new StepClock()
  const context: Context = {
    ...libraryContext('test'),
    clock: time,
  }
  const seen: string[] = []
  const source = new PassThrough({ objectMode: true })
  let wanted: (() => void) | undefined
  const sink = lines(seen)
  sink.on('pipe', () => {})
  const done = pipeline(source, mark({ text: '1' }), clocked({}, { context }), mark({ text: '2' }), sink)
  source.write('a')
  const arrived = new Promise<void>((resolve) => (wanted = resolve))
  setImmediate(() => {
    time.advance(10)
    setImmediate(() => wanted?.())
  })
  await arrived
  tap.same(seen, ['a12'])
  source.end()
  await done
})

void t.test('functions take what comes out of the part before, batches or entries', async (tap) => {
  const batches: string[] = []
  await pipeline(
    Readable.from(['a', 'b']),
    mark({ text: '1' }),
    async function* (source: AsyncIterable<Batch>) {
      for await (const batch of source) yield new Batch(batch.take().filter(({ line }) => line !== 'a1'))
    },
    mark({ text: '2' }),
    async function (source: AsyncIterable<Batch>) {
      for await (const batch of source) batches.push(...batch.peek().map(({ line }) => line))
    },
  )
  tap.same(batches, ['b12'])
  const lines: string[] = []
  await pipeline(
    Readable.from(['a']),
    mark({ text: '1' }, { batches: false }),
    async (entries: AsyncIterable<Entry>) => {
      for await (const { line } of entries) lines.push(line)
    },
  )
  tap.same(lines, ['a1'])
  await tap.rejects(
    pipeline(Readable.from(['a']), mark({ text: '1' }), () => Promise.reject(new Error('mine'))),
    { message: 'mine' },
  )
})

void t.test('what the last function throws while more is coming is the error', async (tap) => {
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      await new Promise(setImmediate)
      yield 'a'
    }
  }
  const running = pipeline(
    Readable.from(endless()),
    mark({ text: '1' }),
    async (source: AsyncIterable<Batch>) => {
      for await (const batch of source) throw new Error(`no ${batch.size}`)
    },
  )
  await tap.rejects(running, { message: 'no 1' })
})

void t.test('an error rejects and destroys every part', async (tap) => {
  const source = Readable.from(['a', 'boom'])
  const sink = lines([])
  await tap.rejects(pipeline(source, mark({ text: '1' }), mark({ text: '2' }), sink), /the stage broke/)
  tap.same([source.destroyed, sink.destroyed], [true, true])
  const failing = new Writable({ objectMode: true, write: (_c, _e, done) => done(new Error('disk full')) })
  const other = Readable.from(['a', 'b', 'c'])
  await tap.rejects(pipeline(other, mark({ text: '1' }), failing), /disk full/)
  tap.equal(other.destroyed, true)
})

void t.test('takes an AbortSignal', async (tap) => {
  const abort = new AbortController()
  const source = new Readable({ objectMode: true, read: () => {} })
  const sink = lines([])
  const done = pipeline(source, mark({ text: '1' }), mark({ text: '2' }), sink, { signal: abort.signal })
  abort.abort()
  await tap.rejects(done, { name: 'AbortError' })
  tap.same([source.destroyed, sink.destroyed], [true, true])
})

void t.test('what is written to the first stage goes through all of them', async (tap) => {
  const seen: string[] = []
  const first = mark({ text: '1' })
  first.write('early')
  const done = pipeline(first, mark({ text: '2' }), mark({ text: '3' }), lines(seen))
  first.write('late')
  first.end()
  await done
  tap.same(seen, ['early123', 'late123'])
})

void t.test('the last stage can be read from', async (tap) => {
  const seen: string[] = []
  const last = mark({ text: '3' }, { batches: false })
  last.on('data', ({ line }: Entry) => seen.push(line))
  await pipeline(Readable.from(['a', 'b']), mark({ text: '1' }), mark({ text: '2' }), last)
  tap.same(seen, ['a123', 'b123'])
})

void t.test('a stage that already holds lines, or that others listen to, stays as it is', async (tap) => {
  const seen: string[] = []
  const heard: string[] = []
  const [holding, heardOf] = [mark({ text: '2' }), mark({ text: '3' })]
  holding.write('x')
  heardOf.on('data', (batch: Batch) => heard.push(...batch.peek().map(({ line }) => line)))
  const sink = lines(seen)
  await pipeline(Readable.from(['a']), mark({ text: '1' }), holding, heardOf, mark({ text: '4' }), sink)
  tap.same(
    [seen.sort(), heard.sort()],
    [
      ['a1234', 'x234'],
      ['a123', 'x23'],
    ],
  )
})

void t.test('a stage that was fused away refuses to be written to', async (tap) => {
  const seen: string[] = []
  const middle = mark({ text: '2' })
  const source = new PassThrough({ objectMode: true })
  const done = pipeline(source, mark({ text: '1' }), middle, lines(seen))
  tap.throws(() => middle.write('x'), { code: 'BAD_ARGUMENT', message: /write to the first part/ })
  source.end('a')
  await done
  tap.same(seen, ['a12'])
})

void t.test('one part alone is refused', async (tap) => {
  const message = /expected a source, any number of stages and a sink, found 1 part$/
  await tap.rejects(pipeline(Readable.from(['a'])), { code: 'BAD_ARGUMENT', message })
})
