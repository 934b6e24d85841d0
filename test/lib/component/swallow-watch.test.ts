import { PassThrough, Transform, Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { shareAck } from '../../../lib/flow/ack.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { DELIVERED } from '../../../lib/flow/outcome.ts'
import { watchParts } from '../../../lib/pipeline.ts'
import { StepClock } from '../../support/step-clock.ts'

interface Swallowing {
  readonly clock: StepClock
  readonly warnings: string[]
  readonly write: (lines: readonly string[]) => Promise<void>
  readonly settled: () => number
}

/** A transform of a program between a source and a sink, which takes what comes out. */
function watched(tap: Test, transform: Transform, takes: (batch: Batch) => void = () => {}): Swallowing {
  const clock = new StepClock()
  const warnings: string[] = []
  const warn = (_fields: object, message: string): void => void warnings.push(message)
  const sink = new Writable({
    objectMode: true,
    write: (batch: Batch, _encoding, done) => {
      takes(batch)
      done()
    },
  })
  const source = new PassThrough({ objectMode: true })
  watchParts([source, transform], { debug: warn, info: warn, warn, error: warn }, clock)
  source.pipe(transform).pipe(sink)
  tap.teardown(() => source.destroy())
  let settled = 0
  return {
    clock,
    warnings,
    settled: () => settled,
    write: async (lines) => {
      const ack = { replayable: true, settle: () => void settled++ }
      source.write(new Batch(lines.map((line) => new Entry(1, 0, line, EMPTY_LABELS, ack))))
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

class DropsErrors extends Transform {
  constructor() {
    super({ objectMode: true })
  }

  override _transform(batch: Batch, _encoding: string, done: (error: null, out: Batch) => void): void {
    done(null, new Batch(batch.take().filter(({ line }) => line !== 'error')))
  }
}

void t.test('a transform that drops entries without settling them is named after 10 s', async (tap) => {
  const { clock, warnings, write } = watched(tap, new DropsErrors())
  await write(['info', 'error', 'error'])
  clock.advance(9_999)
  tap.same(warnings, [])
  clock.advance(1)
  tap.equal(warnings.length, 1)
  tap.match(
    warnings[0],
    /^part 2 of a pipeline, a DropsErrors, has held 2 entries for 10 s: .* filter\(\) or map\(\)/,
  )
  await write(['error'])
  clock.advance(60_000)
  tap.equal(warnings.length, 1, 'once')
})

void t.test('what comes out, is settled or was split is no longer inside', async (tap) => {
  const fine = new Transform({
    objectMode: true,
    transform: (batch: Batch, _encoding, done) => {
      const [out, settled, split] = batch.take()
      settled!.ack.settle(DELIVERED)
      const ack = shareAck(split!.ack, 2)
      done(null, new Batch([out!, split!.clone(ack), split!.clone(ack)]))
    },
  })
  const sink = { taken: 0 }
  const { clock, warnings, write, settled } = watched(tap, fine, (batch) => {
    for (const { ack } of batch.take()) {
      sink.taken++
      ack.settle(DELIVERED)
    }
  })
  await write(['a', 'b', 'c'])
  clock.advance(60_000)
  tap.same([warnings, sink.taken, settled()], [[], 3, 3], 'each unit once')
})

void t.test('a transform that is at work is left in peace', async (tap) => {
  let finish = (): void => {}
  const slow = new Transform({
    objectMode: true,
    transform: (batch: Batch, _encoding, done) => {
      finish = () => done(null, batch)
    },
  })
  const { clock, warnings, write } = watched(tap, slow)
  await write(['a'])
  clock.advance(60_000)
  tap.same(warnings, [])
  finish()
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(60_000)
  tap.same(warnings, [])
})
