/** What the bundles of the command and of the library share. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'

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

/** Notes what a bundle holds, for the notices. */
export function keepInputs(name, { inputs }) {
  mkdirSync('dist/inputs', { recursive: true })
  writeFileSync(`dist/inputs/${name}.json`, JSON.stringify({ inputs }))
}
