/** The messages that docs/troubleshooting.md shows are those that the program prints. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const sources = ['lib', 'transforms']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
  .join('\n')

void t.test('every message is in the sources', (tap) => {
  const page = readFileSync('docs/troubleshooting.md', 'utf8')
  const shown = [...page.matchAll(/^(?:\| |- )(?:reason )?`([^`]+)`(?: \||:)/gm)].map(
    ([, message]) => message!,
  )
  tap.ok(shown.length > 20, `${shown.length} messages`)
  for (const message of shown)
    for (const part of message.split('…').map((each) => each.trim()))
      tap.ok(part.length < 4 || sources.includes(part), `${message}: ${part}`)
  tap.end()
})
