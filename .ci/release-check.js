/** Goes through the checklist of RELEASING.md: runs what has a command, and lists the rest. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const file = process.argv[2] ?? 'RELEASING.md'
const say = (text) => void process.stdout.write(`${text}\n`)

// An item with a command ends with it: "- [ ] What must hold: `command`".
const items = [...readFileSync(file, 'utf8').matchAll(/^- \[ \] (.*)$/gm)].map(([, text]) => {
  const [, what, command] = /^(.*): `([^`]+)`$/.exec(text) ?? [undefined, text]
  return { what, command }
})

for (const { what, command } of items.filter((item) => item.command !== undefined)) {
  say(`… ${what}`)
  const { status } = spawnSync('bash', ['-c', command], { stdio: 'inherit' })
  if (status !== 0) {
    say(`FAILED: ${what}\n  ${command}`)
    process.exit(1)
  }
}
say('All checks passed. By hand:')
for (const { what } of items.filter((item) => item.command === undefined)) say(`- ${what}`)
