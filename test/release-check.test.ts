/** The script that goes through RELEASING.md's checklist. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

function check(tap: Test, list: string): { status: number | null; out: string } {
  const file = join(tap.testdir({}), 'list.md')
  writeFileSync(file, list)
  const { status, stdout } = spawnSync(process.execPath, ['.ci/release-check.js', file], { encoding: 'utf8' })
  return { status, out: stdout }
}

void t.test('runs what has a command, in order, and lists what has none', (tap) => {
  const { status, out } = check(tap, '- [ ] First: `echo one`\n- [ ] Look at it\n- [ ] Second: `true`\n')
  tap.equal(status, 0)
  tap.equal(out, '… First\none\n… Second\nAll checks passed. By hand:\n- Look at it\n')
  tap.end()
})

void t.test('stops at the first that fails', (tap) => {
  const { status, out } = check(tap, '- [ ] Good: `true`\n- [ ] Bad: `exit 3`\n- [ ] Never: `echo never`\n')
  tap.equal(status, 1)
  tap.equal(out, '… Good\n… Bad\nFAILED: Bad\n  exit 3\n')
  tap.end()
})

void t.test('the npm scripts of RELEASING.md exist', (tap) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readFileSync('RELEASING.md', 'utf8').matchAll(/npm run ([\w:-]+)/g)]
  tap.ok(named.length >= 3)
  for (const [, name = ''] of named) tap.ok(name in scripts, name)
  tap.end()
})
