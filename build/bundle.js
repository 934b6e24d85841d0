/** What the bundles of the command and of the library share, and how scripts get what they import of `lib`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { build } from 'esbuild'

/** Packages with native code, and those that users add themselves: they aren't in a bundle. */
export const EXTERNAL = [
  'snappy',
  '@duckdb/node-api',
  '@platformatic/kafka',
  'winston-transport',
  'bufferutil',
  'utf-8-validate',
]

/**
 * Our own files find others by `import.meta.url`: in a bundle as if they were still the compiled ones below `dist`.
 * `placed(compiled, text)` returns the text of a file with its URL put in; `compiled` is its path below `dist`.
 */
export const places = (placed) => ({
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\/(lib|transforms)\/.*\.ts$/ }, ({ path }) => {
      const compiled = JSON.stringify(relative('.', path).replace(/\.ts$/, '.js'))
      // The packages that a file loads on first use are in the bundle too.
      const text = readFileSync(path, 'utf8').replace(
        /^const require = createRequire\(import\.meta\.url\)$/m,
        '',
      )
      return { loader: 'ts', contents: placed(compiled, text) }
    })
  },
})

/** prom-client asks for it only for exemplars, which nothing here uses; 50 files. */
export const noOpenTelemetry = {
  name: 'no-opentelemetry',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path }) => ({ path, namespace: 'empty' }))
    onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: '' }))
  },
}

/**
 * What few configs need, and what Node itself loads slowly: loaded when one of their exports is first used, not at the
 * start. Nothing on the way of a line belongs here: each use costs a look-up.
 */
const LAZY = [
  ...[
    '@grpc/grpc-js',
    'aws4fetch',
    'fflate',
    'hyparquet-writer',
    'mmdb-lib',
    're2js',
    'smol-toml',
    'through2',
    'ws',
    'yaml',
  ],
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
export const lazy = {
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

/** Notes what a bundle holds, for the notices. */
export function keepInputs(name, { inputs }) {
  mkdirSync('dist/inputs', { recursive: true })
  writeFileSync(`dist/inputs/${name}.json`, JSON.stringify({ inputs }))
}

/** The text of a script for Node, with what it imports of `lib`. */
export async function bundled(entry) {
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false }
  return (await build({ ...options, entryPoints: [entry] })).outputFiles[0].text
}
