/**
 * Bundles the command into one script, dist/bin/command.cjs, puts the start of bin/bundled.ts in the place of
 * dist/bin/logstream.js, and runs it once to make V8's code cache.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { bundled, EXTERNAL, keepInputs, lazy, noOpenTelemetry, places } from './bundle.js'
import { makeCodeCaches } from './code-caches.js'

const BIN = 'dist/bin'
const SCRIPT = `${BIN}/command.cjs`

/** Those that users may add, and the database: the start of the command imports them. */
const OUTSIDE = /\bimport\('(@duckdb\/node-api|@platformatic\/kafka)'\)/g

const placed = (compiled, text) =>
  text.replaceAll('import.meta.url', `(DIST + ${compiled})`).replaceAll(OUTSIDE, "IMPORT('$1')")

const { metafile } = await build({
  entryPoints: ['lib/cli/process.ts'],
  outfile: SCRIPT,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  charset: 'ascii',
  // Code that is only imported on demand is in the same script, and runs on demand.
  supported: { 'dynamic-import': false },
  minifyWhitespace: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  banner: { js: '(function (require, DIST, IMPORT) { "use strict"; const module = {};' },
  footer: { js: 'return module.exports })' },
  external: EXTERNAL,
  metafile: true,
  plugins: [places(placed), lazy, noOpenTelemetry],
  logLevel: 'warning',
})
keepInputs('command', metafile)

const hash = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 16)
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const start = (await bundled('bin/bundled.ts')).replace('__HASH__', hash).replace('__VERSION__', version)
mkdirSync(BIN, { recursive: true })
// What tsc made of bin/ isn't published, and an earlier build's code cache may be for other flags.
for (const name of readdirSync(BIN)) if (/^(bundled|logstream)\.|\.cache$/.test(name)) rmSync(join(BIN, name))
writeFileSync(`${BIN}/logstream.js`, start, { mode: 0o755 })

// The command works without: its first run then makes one in the user's cache folder.
for (const job of await makeCodeCaches(process.execPath, resolve(SCRIPT), BIN))
  process.stderr.write(`build: no code cache was made for ${job}, so the command starts more slowly\n`)
