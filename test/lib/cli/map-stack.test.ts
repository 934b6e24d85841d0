/** Stack traces through a bundle. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { transformSync } from 'esbuild'
import t from 'tap'
import { mapStack } from '../../../lib/cli/map-stack.ts'

function bundle(folder: string): { script: string; fail: () => Error } {
  const script = join(folder, 'a bundle.cjs')
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
  return { script, fail: new Script(code, { filename: script }).runInThisContext() as () => Error }
}

void t.test('a trace names the file and line that were written', (tap) => {
  const { script, fail } = bundle(tap.testdir())
  const lines = mapStack(fail().stack!, script).split('\n')
  tap.equal(lines[0], 'TypeError: broken')
  tap.equal(lines[1], '    at fail (lib/a/b.ts:3:14)')
  tap.match(lines[2], /map-stack\.test\.[jt]s:\d+:\d+\)?$/, 'others are as they were')
  tap.end()
})

void t.test('a trace of others, and a name that is not a place, stay as they are', (tap) => {
  const { script } = bundle(tap.testdir())
  for (const stack of ['Error: plain\n    at a.js:1:7', `Error: ${script}: bad\n    at b.js:1:7`])
    tap.equal(mapStack(stack, script), stack)
  tap.end()
})

void t.test('without its map a trace is as it was', (tap) => {
  const { script, fail } = bundle(tap.testdir())
  rmSync(`${script}.map`)
  const { stack = '' } = fail()
  tap.equal(mapStack(stack, script), stack)
  tap.end()
})
