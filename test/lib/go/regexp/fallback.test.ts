import t from 'tap'
import { Fallback } from '../../../../lib/go/regexp/fallback.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'

function fallback(pattern: string): Fallback {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return new Fallback(result.tree, result.groupNames.length - 1)
}

void t.test('runs what V8 must not', (t) => {
  const engine = fallback('(?:(?P<a>x)|(?P<a>y))*z')
  t.match(engine.exec('wxyz', 0), ['xyz', 'x', 'y'], 'groups keep the value of an earlier round')
  t.strictSame(engine.spans('😀xz', 0), [2, 4, 2, 3, -1, -1])
  t.equal(engine.spans('xzxz', 2)?.[0], 2)
  t.equal(engine.exec('xy', 0), null)
  t.ok(engine.test('z') && !engine.test('y'))
  t.end()
})

void t.test('a text without the required literal is refused before the engine runs', (t) => {
  const engine = fallback('(a+)+needle')
  t.notOk(engine.test('a'.repeat(1000)))
  t.equal(engine.exec('needle aneedle', 1)?.index, 7)
  t.end()
})
