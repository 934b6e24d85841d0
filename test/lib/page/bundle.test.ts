/** The built page: small at first, and nothing in it that only Node has. */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'

const FOLDER = new URL('../../../assets/', import.meta.url)

const files = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(new URL(name, FOLDER))]))

/** A script and what it imports before it runs; what `import()` names comes later. */
function loadedFirst(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, next] of files
    .get(name)!
    .toString()
    .matchAll(/\bfrom"\.\/([^"]+)"|^import"\.\/([^"]+)"/g))
    if (next !== undefined) loadedFirst(next, seen)
  return seen
}

void t.test('the first load is under 90 kB, the editor comes after it', (tap) => {
  const first = [...loadedFirst('main.js'), 'main.css']
  const size = first.reduce((sum, name) => sum + gzipSync(files.get(name)!).length, 0)
  tap.comment(`${first.join(', ')}: ${size} bytes`)
  tap.ok(size < 90_000, `${size} bytes`)
  tap.ok(first.length > 2 && first.length < files.size, 'in several files, not all of them')
  tap.end()
})

void t.test('it needs nothing but a browser and this server', (tap) => {
  for (const [name, body] of files) {
    tap.notMatch(body.toString(), /(?:from|import)\s*\(?["']node:/, `${name}: no module of Node`)
    tap.notMatch(
      body.toString(),
      /@import|url\(["']?https?:|\beval\(|new Function\(/,
      `${name}: nothing from elsewhere`,
    )
  }
  tap.end()
})
