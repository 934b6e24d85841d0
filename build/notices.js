/** Writes dist/THIRD-PARTY-NOTICES: the licences of the packages whose code the bundles hold. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const inputs = readdirSync('dist/inputs').flatMap((name) =>
  Object.keys(JSON.parse(readFileSync(`dist/inputs/${name}`, 'utf8')).inputs),
)
const folders = new Set(
  inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
)
const parts = [...folders].toSorted((a, b) => (a < b ? -1 : 1)).map(notice)
const head = 'The scripts in bin, library and assets hold code of these packages.'
writeFileSync('dist/THIRD-PARTY-NOTICES', `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts].join('\n\n')
}
