import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import t from 'tap'
import { filter, map, type MapResult } from '../../../lib/component/filter-map.ts'
import type { Ack } from '../../../lib/flow/ack.ts'
import { Batch } from '../../../lib/flow/batch.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'

/** Runs lines through a stream: those that come out, and the reason why each of the others ended. */
async function run(stream: Duplex, ...lines: string[]): Promise<{ out: string[]; ended: string[] }> {
  const ended: string[] = []
  const entries = lines.map((line) => {
    const ack: Ack = { replayable: true, settle: ({ reason }) => void ended.push(`${line}: ${reason}`) }
    return new Entry(1, 0, line, labelSet({ app: 'a' }), ack)
  })
  const out: string[] = []
  stream.on('data', (batch: Batch) => out.push(...batch.take().map(({ line }) => line)))
  stream.write(new Batch(entries))
  stream.end()
  await once(stream, 'end')
  return { out, ended }
}

void t.test('filter settles what it drops', async (tap) => {
  tap.same(
    await run(
      filter(({ line }) => line !== 'b'),
      'a',
      'b',
      'c',
    ),
    { out: ['a', 'c'], ended: ['b: filtered'] },
  )
  const slow = filter(async ({ line }) => {
    await new Promise((resolve) => setTimeout(resolve, line === 'a' ? 20 : 1))
    return line !== 'b'
  })
  tap.same(await run(slow, 'a', 'b', 'c'), { out: ['a', 'c'], ended: ['b: filtered'] }, 'in order')
})

void t.test('map changes, replaces, drops and multiplies', async (tap) => {
  const change = (entry: Entry): MapResult => {
    if (entry.line === 'text') return 'TEXT'
    if (entry.line === 'same') return entry
    if (entry.line === 'drop') return null
    if (entry.line === 'none') return []
    if (entry.line === 'two') return entry.split(2)
    entry.line += '!'
    return undefined
  }
  const lines = ['text', 'same', 'drop', 'none', 'two', 'x']
  const expected = {
    out: ['TEXT', 'same', 'two', 'two', 'x!'],
    ended: ['drop: mapped_away', 'none: mapped_away'],
  }
  tap.same(await run(map(change), ...lines), expected)
  tap.same(
    await run(
      map((entry) => Promise.resolve(change(entry))),
      ...lines,
    ),
    expected,
    'promised',
  )
})

void t.test('a function that throws costs its entry, which is counted and logged', async (tap) => {
  const said: unknown[] = []
  const say = (fields: object, message: string): void => void said.push([fields, message])
  const logger = { debug: say, info: say, warn: say, error: say }
  const fail = (message: string) => (entry: Entry) => {
    if (entry.line === 'b') throw new Error(message)
    return true
  }
  const options = { id: 'mine', logger }
  const expected = { out: ['a', 'c'], ended: ['b: filter_failed'] }
  tap.same(await run(filter(fail('thrown'), options), 'a', 'b', 'c'), expected)
  const rejects = async (entry: Entry): Promise<boolean> => fail('rejected')(entry)
  tap.same(await run(filter(rejects, options), 'a', 'b', 'c'), expected)
  const message = 'a function failed, and its entry was dropped'
  tap.same(said, [
    [{ component: 'mine', error: 'thrown' }, message],
    [{ component: 'mine', error: 'rejected' }, message],
  ])
})

void t.test('at most so many calls run at once', async (tap) => {
  let running = 0
  let most = 0
  const busy = filter(
    async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return true
    },
    { concurrency: 3 },
  )
  const lines = Array.from({ length: 20 }, (_, i) => `${i}`)
  tap.same((await run(busy, ...lines)).out, lines)
  tap.equal(most, 3)
})

void t.test('what is not a function is refused at once', (tap) => {
  for (const given of [undefined, 'x', {}] as unknown[]) {
    const message = `expected a function of an entry, found ${typeof given}`
    tap.throws(() => filter(given as () => boolean), { code: 'BAD_ARGUMENT', message: `filter: ${message}` })
    tap.throws(() => map(given as () => null), { code: 'BAD_ARGUMENT', message: `map: ${message}` })
  }
  tap.end()
})
