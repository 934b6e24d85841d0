/**
 * Bundles the library into dist/library, with the packages it uses inside, so that `npm install` brings none of them; and
 * lays the types that its entries reach in dist/types. A program that imports it reads few files and parses what it runs:
 * packages that only some uses need are in one script, packages.cjs, which is loaded with the first of them.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { build } from 'esbuild'
import { EXTERNAL, keepInputs, lazy, noOpenTelemetry, places } from './bundle.js'

const OUT = 'dist/library'
const PACKAGES = './packages.cjs'
const entries = {
  index: 'lib/index.ts',
  pino: 'lib/transport/pino.ts',
  winston: 'lib/transport/winston.ts',
  worker: 'lib/transport/worker.ts',
}

// What an earlier build left, such as parts under other names.
for (const folder of [OUT, 'dist/types']) rmSync(folder, { recursive: true, force: true })

const wanted = new Set()
const onDemand = {
  name: 'on-demand',
  setup({ onResolve, onLoad }) {
    // What our files require, and the lazy ones; the registry of metrics is needed at once.
    onResolve({ filter: /^[a-z@]/ }, ({ path, kind, importer }) => {
      const needed = /^(node:|snappy$|prom-client)/.test(path)
      if (kind !== 'require-call' || needed || importer.includes('node_modules')) return undefined
      wanted.add(path)
      return { path, namespace: 'on-demand' }
    })
    onLoad({ filter: /./, namespace: 'on-demand' }, ({ path }) => ({
      contents: `module.exports = require('${PACKAGES}')['${path}']()`,
    }))
  },
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
  external: [...EXTERNAL, PACKAGES],
  metafile: true,
  plugins: [places(placed), lazy, onDemand, noOpenTelemetry],
  logLevel: 'warning',
})
keepInputs('library', metafile)

const packages = await build({
  stdin: {
    contents: `module.exports = { ${[...wanted].map((name) => `'${name}': () => require('${name}')`).join(', ')} }`,
    resolveDir: '.',
  },
  outfile: join(OUT, PACKAGES),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifyWhitespace: true,
  legalComments: 'none',
  external: EXTERNAL,
  metafile: true,
  plugins: [lazy, noOpenTelemetry],
  logLevel: 'warning',
})
keepInputs('library-packages', packages.metafile)

// All stages are in the table that index.js has.
const stages = readdirSync('transforms').flatMap((file) => /^(?!index\.)\w+(?=\.ts$)/.exec(file) ?? [])
mkdirSync(join(OUT, 'transforms'))
for (const name of stages)
  writeFileSync(join(OUT, `transforms/${name}.js`), `export { ${name} } from '../index.js'\n`)
writeFileSync(join(OUT, 'transforms/index.js'), `export { ${stages.join(', ')} } from '../index.js'\n`)

const seen = new Set()
const sources = [...Object.values(entries), 'transforms/index.ts']
for (const entry of sources) keepTypes(`dist/${entry.replace(/\.ts$/, '.d.ts')}`)

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
