import t from 'tap'
import { pathJoin } from '../../../../lib/alloy/stdlib/file.ts'

void t.test('paths are joined as by Go', async (t) => {
  const cases: [string[], string][] = [
    [['/var', 'log', '../x.log'], '/var/x.log'],
    [[], ''],
    [['', ''], ''],
    [['a', ''], 'a'],
    [['/a/', '/b'], '/a/b'],
    [['a/', '/b', '..', 'c/'], 'a/c'],
    [['/'], '/'],
    [['//'], '/'],
    [['./'], '.'],
    [['a', '..'], '.'],
    [['/', '..'], '/'],
    [['..', '../a'], '../../a'],
  ]
  for (const [parts, path] of cases) t.equal(pathJoin('linux').call(parts), path, parts.join(' '))
  t.equal(pathJoin('windows').call(['C:\\logs\\', '..', 'a']), 'C:\\a')
  t.equal(pathJoin('linux').call([5n, 'a']), '5/a')
})
