/** Patterns of lines: every line passes the filter that its pattern makes, and counts add up. */
import fc from 'fast-check'
import t from 'tap'
import { defaultLimits } from '../../../../lib/logql/engine/budget.ts'
import { minePatterns } from '../../../../lib/logql/api/patterns.ts'
import { PatternMiner } from '../../../../lib/logql/api/pattern-miner.ts'
import { compileLinePattern } from '../../../../lib/logql/stages/line-pattern.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'

function mined(lines: readonly string[]): string[] {
  const miner = new PatternMiner()
  for (const line of lines) miner.add(line)
  return miner.patterns.map(({ text }) => text)
}

void t.test('words that differ become variables', (t) => {
  t.same(mined(['GET /users/12 200 5ms', 'GET /users/7 404 51ms', 'GET /users/7 200 6ms']), [
    'GET <_> <_> <_>',
  ])
  t.same(mined(['user=ann logged in', 'user=bob logged in', 'disk full']), [
    'user=<_> logged in',
    'disk full',
  ])
  t.same(mined(['{"level":"info","id":1}', '{"level":"info","id":2}']), ['{"level":"info","id":<_>}'])
  t.same(mined(['at 2026-01-05T10:00:00Z done', 'at 2026-01-05T10:00:01Z done']), ['at <_> done'])
  t.same(mined(['<html> is <b>', '<body> is <b>']), ['<_> is <_>'], 'what looks like a capture')
  t.same(mined(['', 'x'.repeat(3001)]), [])
  t.same(mined(['a b', 'a b ', ' a b']).length, 3, 'a variable holds something')
  const long = (word: string): string =>
    Array.from({ length: 150 }, (_, i) => (i === 120 ? word : 'w')).join(' ')
  t.match(mined([long('one'), long('two')]), [/^(?:w ){100}<_>$/])
  t.end()
})

void t.test('every line passes the filter of its pattern', (t) => {
  const word = fc.constantFrom('get', 'put', 'user', 'x1', 'x2', '17', '', '<a>', '<_>', 'ü', ':', '"q"')
  const mark = fc.constantFrom(' ', '  ', '=', ', ', '":"', ' | ', '<', '>', '\t')
  const line = fc.array(fc.tuple(word, mark), { maxLength: 8 }).map((parts) => parts.flat().join(''))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (lines) => {
      const miner = new PatternMiner()
      const found = lines.map((each) => [each, miner.add(each)] as const)
      return found.every(([each, pattern]) => pattern === undefined || compileLinePattern(pattern.text)(each))
    }),
  )
  t.end()
})

void t.test('what is known is bounded', (t) => {
  const miner = new PatternMiner()
  for (let i = 0; i < 1000; i++) miner.add(`word${'abcdefghij'[i % 10]!.repeat(1 + i / 10)} other`)
  t.ok(miner.patterns.length <= 300)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (const a of letters) for (const b of letters) miner.add(`${a}${b}`)
  t.equal(miner.patterns.length, 300)
  t.end()
})

const SECOND = 1_000_000_000n
const START = 1_767_607_200n * SECOND

function filled(count: number): MemoryQuerier {
  const querier = new MemoryQuerier()
  const values = Array.from({ length: count }, (_, i) => {
    const time = START + (BigInt(i) * 3600n * SECOND) / BigInt(count)
    return [String(time), `request ${i} done`, { detected_level: i % 4 === 0 ? 'error' : 'info' }] as const
  })
  querier.push({ streams: [{ stream: { app: 'web' }, values }] })
  return querier
}

const request = {
  query: '{app="web"}',
  start: START,
  end: START + 3600n * SECOND,
  step: 60n * SECOND,
  limits: defaultLimits,
}
const sum = (samples: readonly (readonly [number, number])[]): number =>
  samples.reduce((all, [, count]) => all + count, 0)

void t.test('counts by level and step', async (t) => {
  const found = await minePatterns(filled(600), request)
  t.match(found, [
    { pattern: 'request <_> done', level: 'info' },
    { pattern: 'request <_> done', level: 'error' },
  ])
  t.same(found.map(({ samples }) => sum(samples)), [450, 150]) // prettier-ignore
  t.equal(found[0]!.samples.length, 60)
  t.equal(found[0]!.samples[1]![0], 1_767_607_260)
  t.same(await minePatterns(filled(600), { ...request, query: '{app="web"} |= "request 17 "' }), [
    { pattern: 'request 17 done', level: 'info', samples: [[1_767_607_260, 1]] },
  ])
  await t.rejects(minePatterns(filled(1), { ...request, step: SECOND / 10n }), /larger step/)
  await t.rejects(minePatterns(filled(1), { ...request, query: 'rate({app="web"}[1m])' }))
})

void t.test('of many lines a part is read, and stands for all', async (t) => {
  const found = await minePatterns(filled(6500), { ...request, mostLines: 5000 })
  t.same(found.map(({ level }) => level), ['info', 'error']) // prettier-ignore
  const [info, error] = found.map(({ samples }) => sum(samples)) as [number, number]
  t.ok(Math.abs(info - 4875) < 100 && Math.abs(error - 1625) < 100, `${info} and ${error}`)
  t.equal(found[0]!.samples.length, 60)
})
