/** Stack traces through a bundle. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { transformSync } from 'esbuild'
import t from 'tap'
import { mapStacks } from '../../../lib/cli/map-stacks.ts'

void t.test('a trace names the file and line that were written', (tap) => {
  tap.teardown(() => Reflect.deleteProperty(Error, 'prepareStackTrace'))
  const script = join(tap.testdir(), 'bundle.cjs')
  const text = `
    function fail(): Error {
      return new TypeError('broken')
    }
    fail`
  const { code, map } = transformSync(text, {
    loader: 'ts',
    sourcemap: 'external',
    sourcefile: '../../lib/a/b.ts',
    minifyWhitespace: true,
  })
  writeFileSync(`${script}.map`, map)
  mapStacks(script)
  const fail = new Script(code, { filename: script }).runInThisContext() as () => Error
  const lines = fail().stack!.split('\n')
  tap.equal(lines[0], 'TypeError: broken')
  tap.equal(lines[1], '    at fail (lib/a/b.ts:3:14)')
  tap.match(lines[2], /map-stacks\.test\.js:\d+:\d+\)?$/, 'others are as they were')
  tap.match(new RangeError('plain').stack, /^RangeError: plain\n {4}at /)
  tap.end()
})

void t.test('without its map a trace is as it was', (tap) => {
  tap.teardown(() => Reflect.deleteProperty(Error, 'prepareStackTrace'))
  const script = join(tap.testdir(), 'bundle.cjs')
  mapStacks(script)
  const fail = new Script('() => new Error("x")', { filename: script }).runInThisContext() as () => Error
  tap.ok(fail().stack!.split('\n')[1]!.includes(`${script}:1:7`))
  tap.end()
})
