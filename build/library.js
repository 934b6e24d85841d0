/**
 * Bundles the library into dist/library, with the packages it uses inside, so that `npm install` brings none of them; and
 * lays the types that its entries reach in dist/types.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { build } from 'esbuild'
import { EXTERNAL, keepInputs, noOpenTelemetry, places } from './bundle.js'

const OUT = 'dist/library'
const stages = readdirSync('transforms').filter((name) => name.endsWith('.ts'))
const entries = {
  index: 'lib/index.ts',
  pino: 'lib/transport/pino.ts',
  winston: 'lib/transport/winston.ts',
  worker: 'lib/transport/worker.ts',
  ...Object.fromEntries(stages.map((name) => [`transforms/${name.slice(0, -3)}`, `transforms/${name}`])),
}

const placed = (compiled, text) =>
  text
    // The one file that is started, not imported.
    .replaceAll(`new URL('./worker.js', import.meta.url)`, `new URL('library/worker.js', DIST)`)
    .replaceAll('import.meta.url', `(DIST + ${compiled})`)

const { metafile } = await build({
  entryPoints: entries,
  outdir: OUT,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  chunkNames: 'part-[hash]',
  legalComments: 'none',
  banner: {
    js: [
      `import { createRequire as requireFrom } from 'node:module'`,
      `const require = requireFrom(import.meta.url)`,
      `const DIST = import.meta.url.slice(0, import.meta.url.lastIndexOf('/library/') + 1)`,
    ].join('; '),
  },
  external: EXTERNAL,
  metafile: true,
  plugins: [places(placed), noOpenTelemetry],
  logLevel: 'warning',
})
keepInputs('library', metafile)

const seen = new Set()
for (const entry of Object.values(entries)) keepTypes(`dist/${entry.replace(/\.ts$/, '.d.ts')}`)

/** Copies a file of types and those it imports. */
function keepTypes(file) {
  if (seen.has(file)) return
  seen.add(file)
  const to = join('dist/types', relative('dist', file))
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(file, to)
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g))
    keepTypes(normalize(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'))))
}
