/**
 * Bundles the command into one script, dist/bin/command.cjs, puts the start of bin/bundled.ts in the place of
 * dist/bin/logstream.js, and runs it once to make V8's code cache.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { build, transform } from 'esbuild'
import { EXTERNAL, keepInputs, noOpenTelemetry, places } from './bundle.js'

const BIN = 'dist/bin'
const SCRIPT = `${BIN}/command.cjs`

/** Those that users may add, and the database: the start of the command imports them. */
const OUTSIDE = /\bimport\('(@duckdb\/node-api|@platformatic\/kafka)'\)/g

const placed = (compiled, text) =>
  text.replaceAll('import.meta.url', `(DIST + ${compiled})`).replaceAll(OUTSIDE, "IMPORT('$1')")

/**
 * What few configs need, and what Node itself loads slowly: loaded when one of their exports is first used, not when the
 * command starts. Nothing on the way of a line belongs here: each use costs a look-up.
 */
const LAZY = [
  ...['@grpc/grpc-js', 'fflate', 'mmdb-lib', 're2js', 'smol-toml', 'through2', 'ws', 'yaml'],
  ...[
    'node:child_process',
    'node:crypto',
    'node:dgram',
    'node:dns',
    'node:dns/promises',
    'node:http',
    'node:https',
  ],
  ...['node:perf_hooks', 'node:tls', 'node:worker_threads', 'node:zlib'],
  ...['lib/admin/loki/routes.ts', 'lib/admin/may-see.ts', 'lib/admin/routes.ts'],
  'lib/convert/promtail/convert.ts',
  ...['lib/go/template/functions/index.ts', 'lib/go/template/gotemplate.ts', 'lib/go/template/print.ts'],
  'lib/net/server/server.ts',
  ...[
    'lib/store/info-routes.ts',
    'lib/store/page-routes.ts',
    'lib/store/push/grpc.ts',
    'lib/store/push/routes.ts',
  ],
  ...['lib/store/query/routes.ts', 'lib/store/query/tail.ts', 'lib/store/receiver.ts', 'lib/store/select.ts'],
  'lib/store/store.ts',
]
const lazy = {
  name: 'lazy',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, namespace, importer, resolveDir }) => {
      if (kind !== 'import-statement' || namespace !== 'file' || importer.includes('node_modules'))
        return undefined
      const own = path.startsWith('.') ? relative('.', resolve(resolveDir, path)) : path
      return LAZY.includes(own) ? { path: own, namespace: 'lazy' } : undefined
    })
    onLoad({ filter: /./, namespace: 'lazy' }, async ({ path }) => {
      const getters = (await exportsOf(path)).map((name) => `get ${name}() { return load().${name} }`)
      const target = JSON.stringify(path.endsWith('.ts') ? resolve(path) : path)
      const contents = `let loaded\nconst load = () => (loaded ??= require(${target}))\nmodule.exports = { ${getters.join(', ')} }`
      return { contents, resolveDir: resolve('.') }
    })
    // For connections that agree on HTTP/2, which none here offers; Node's part of it takes 10 ms.
    onResolve({ filter: /^\.\/client-h2\.js$/ }, ({ path, resolveDir, namespace }) =>
      namespace === 'file'
        ? { path: relative('.', resolve(resolveDir, path)), namespace: 'lazy-function' }
        : undefined,
    )
    onLoad({ filter: /./, namespace: 'lazy-function' }, ({ path }) => ({
      contents: `module.exports = (...args) => require(${JSON.stringify(resolve(path))})(...args)`,
      resolveDir: resolve('.'),
    }))
  },
}

async function exportsOf(path) {
  if (!path.endsWith('.ts'))
    return Object.keys(await import(path)).filter((name) => /^(?!default$)\w+$/.test(name))
  const stated = /^export (?:async )?(?:function\*?|class|const) (\w+)/gm
  return [...readFileSync(path, 'utf8').matchAll(stated)].map(([, name]) => name)
}

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
const start = readFileSync('bin/bundled.ts', 'utf8').replace('__HASH__', hash).replace('__VERSION__', version)
const { code } = await transform(start, { loader: 'ts', target: 'node20' })
// What tsc made of bin/ isn't published.
for (const name of readdirSync(BIN)) if (/^(bundled|logstream)\./.test(name)) rmSync(join(BIN, name))
writeFileSync(`${BIN}/logstream.js`, code, { mode: 0o755 })

// The command works without: its first run then makes one in the user's cache folder.
const { status } = spawnSync(process.execPath, ['build/code-cache.js', resolve(SCRIPT), BIN], {
  stdio: 'inherit',
  timeout: 120_000,
})
if (status !== 0) process.stderr.write('build: no code cache was made, so the command starts more slowly\n')
