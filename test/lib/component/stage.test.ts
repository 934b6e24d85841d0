import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Context, Stage, Verdict } from '../../../lib/component/component.ts'
import { libraryContext } from '../../../lib/component/context.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { SourceAck } from '../../../lib/flow/ack.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { dropped } from '../../../lib/flow/outcome.ts'
import { composeStages, createStage, dropCounter, liftEntryFn } from '../../../lib/component/stage.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'

const DROPPED = dropped('test')

function entriesOf(...lines: string[]): { entries: Entry[]; ledger: Ledger } {
  const ledger = new Ledger()
  ledger.units(lines.length)
  const ack = new SourceAck({ ledger, replayable: true, settled: () => {} }, lines.length)
  return { entries: lines.map((line) => new Entry(0, 0, line, EMPTY_LABELS, ack)), ledger }
}

const linesOf = (entries: readonly Entry[]): string[] => entries.map(({ line }) => line)

// Drops what starts with "-", doubles what starts with "*", marks the rest.
function verdict(entry: Entry): Verdict {
  if (entry.line.startsWith('-')) return DROPPED
  if (entry.line.startsWith('*')) return entry.split(2)
  if (entry.line.startsWith('0')) return entry.split(1).slice(1)
  entry.line += '!'
  return undefined
}

void t.test('a function of one entry as a stage: dropping, keeping, becoming several', async (tap) => {
  const cases: [string[], string[], number][] = [
    [[], [], 0],
    [['a', 'b'], ['a!', 'b!'], 0],
    [['-', 'a', '-', 'b', '-'], ['a!', 'b!'], 3],
    [['a', '*', '-', 'b', '*', 'c'], ['a!', '*', '*', 'b!', '*', '*', 'c!'], 1],
    [['-', '*', '-'], ['*', '*'], 2],
    [['a', '0', 'b'], ['a!', 'b!'], 0],
  ]
  for (const [given, expected, drops] of cases) {
    const { entries, ledger } = entriesOf(...given)
    const out = await liftEntryFn(verdict).run(entries)
    tap.same(linesOf(out), expected)
    tap.equal(ledger.total('dropped'), drops)
  }
})

const plain = (mark: string): Stage =>
  liftEntryFn((entry) => {
    entry.line += mark
    return undefined
  })

/** Holds everything until the flush. */
function holding(mark: string): Stage {
  const held: Entry[] = []
  return {
    run: (entries) => {
      held.push(...entries)
      return []
    },
    flush: () => {
      for (const entry of held) entry.line += mark
      return held.splice(0)
    },
  }
}

void t.test('stages run in order; what one holds goes through the later ones at the end', async (tap) => {
  const chain = composeStages([plain('1'), holding('2'), plain('3'), holding('4'), plain('5')])
  tap.same(await chain.run(entriesOf('a', 'b').entries), [])
  tap.same(linesOf((await chain.flush?.()) ?? []), ['a12345', 'b12345'])
  tap.notOk('flush' in composeStages([plain('x'), plain('y')]), 'nothing is held, so nothing needs a flush')
  tap.same(linesOf(await composeStages([]).run(entriesOf('a').entries)), ['a'])
})

void t.test('an asynchronous stage holds back what follows it', async (tap) => {
  const slow: Stage = { run: async (entries) => await Promise.resolve(entries) }
  const chain = composeStages([plain('1'), slow, plain('2')])
  const running = chain.run(entriesOf('a').entries)
  tap.ok(running instanceof Promise)
  tap.same(linesOf(await running), ['a12'])
  const all: Stage = liftEntryFn(() => DROPPED)
  const never: Stage = {
    run: () => {
      throw new Error('runs for nothing')
    },
  }
  tap.same(await composeStages([all, never]).run(entriesOf('a').entries), [], 'nothing left, nothing runs')
})

/** Releases what it holds once `due` has passed. */
class Timed implements Stage {
  held: Entry[] = []
  due: number | undefined
  closed = 0

  run(entries: Entry[]): Entry[] {
    this.held.push(...entries)
    return []
  }

  dueAt(): number | undefined {
    return this.due
  }

  tick(): Entry[] {
    return this.held.splice(0)
  }

  close(): void {
    this.closed++
  }
}

/** Keeps each batch until `open` is called; refuses a second one meanwhile. */
class Door implements Stage {
  open: (() => void) | undefined
  seen: string[] = []

  run(entries: Entry[]): Promise<Entry[]> {
    if (this.open !== undefined) throw new Error('a second batch came in while one was held')
    this.seen.push(...linesOf(entries))
    return new Promise((resolve) => {
      this.open = () => {
        this.open = undefined
        resolve(entries)
      }
    })
  }
}

void t.test('what is due goes through the later stages; the earliest due time counts', async (tap) => {
  const first = new Timed()
  const second = new Timed()
  const chain = composeStages([first, plain('1'), second, plain('2')])
  tap.equal(chain.dueAt?.(), undefined)
  first.due = 50
  second.due = 40
  tap.equal(chain.dueAt?.(), 40)
  await chain.run(entriesOf('a').entries)
  tap.same(await chain.tick?.(), [], 'on to the second')
  tap.same(linesOf(second.held), ['a1'])
  tap.same(linesOf((await chain.tick?.()) ?? []), ['a12'])
  chain.close?.()
  tap.same([first.closed, second.closed], [1, 1])
})

void t.test('what is due does not run into a stage that still holds a batch', async (tap) => {
  const first = new Timed()
  const door = new Door()
  const chain = composeStages([first, plain('1'), door, plain('2')])
  first.due = 5
  await chain.run(entriesOf('a').entries)
  const early = chain.tick?.()
  await turn()
  tap.same(door.seen, ['a1'])
  first.held.push(...entriesOf('b').entries)
  tap.equal(chain.dueAt?.(), undefined, 'the first stage has nothing to do until the door opens')
  tap.same(await chain.tick?.(), [])
  door.open?.()
  tap.same(linesOf((await early) ?? []), ['a12'])
  tap.equal(chain.dueAt?.(), 5)
  const late = chain.tick?.()
  await turn()
  door.open?.()
  tap.same(linesOf((await late) ?? []), ['b12'])
  tap.same(door.seen, ['a1', 'b1'])
})

void t.test('drops are counted where dashboards look, under their reason', async (tap) => {
  const ctx: Context = { ...libraryContext('stage.test'), metrics: Metrics.create() }
  const stage = createStage(
    {
      name: 'test',
      summary: '',
      fields: {},
      create: (_, given) => {
        const drop = dropCounter(given, 'because')
        return (entry) => (entry.line === 'x' ? drop() : undefined)
      },
    },
    {},
    ctx,
  )
  const { entries, ledger } = entriesOf('x', 'y', 'x')
  await stage.run(entries)
  tap.same(ledger.rows(), [{ state: 'dropped', reason: 'because', units: 2 }])
  tap.match(await ctx.metrics.exposition(), /^loki_process_dropped_lines_total\{reason="because"\} 2$/m)
  const made: Stage = { run: (given) => given }
  const object = createStage({ name: 't', summary: '', fields: {}, create: () => made }, {}, ctx)
  tap.equal(object.run(entries), entries, 'a stage object runs as it is')
})
