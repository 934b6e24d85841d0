/** Assembles the WebAssembly of the library: `name-wasm.ts` holds what `name.wat` says. Run it after a change there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import loadWabt from 'wabt'

const SOURCES = ['lib/go/regexp/byte-rows.wat']
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const wabt = await loadWabt()

for (const source of SOURCES) {
  const module = wabt.parseWat(source, readFileSync(join(root, source), 'utf8'), { simd: true })
  module.validate()
  const bytes = Buffer.from(module.toBinary({}).buffer)
  const lines = bytes.toString('base64').match(/.{1,100}/g)
  const text = lines.map((line) => `  '${line}'`).join(' +\n')
  const name = source.split('/').at(-1)
  writeFileSync(
    join(root, source.replace('.wat', '-wasm.ts')),
    `/** What \`node build/wasm.js\` made of ${name}, as base64. */\nexport const WASM =\n${text}\n`,
  )
}
