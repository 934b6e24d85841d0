/** The library as it is published: bundled, and whole without any package beside it. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

interface Manifest {
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const skip = existsSync('dist/library/index.js')
  ? false
  : 'npx tsc alone makes no bundled library: npm run build'

void t.test('npm installs native snappy with it, and nothing else', (tap) => {
  tap.same(Object.keys(manifest.dependencies), ['snappy'])
  for (const [name, versions] of Object.entries(manifest.peerDependencies))
    tap.ok(name in manifest.devDependencies, `${name} ${versions} is there in a checkout`)
  tap.equal(manifest.peerDependencies['@duckdb/node-api'], manifest.devDependencies['@duckdb/node-api'])
  tap.end()
})

void t.test('what the package exports exists, and its types need only those of Node', { skip }, (tap) => {
  for (const entry of Object.values(manifest.exports))
    if (typeof entry !== 'string')
      for (const file of Object.values(entry)) tap.ok(existsSync(file.replace('*', 'regex')), file)
  const packages = [...textsIn('dist/types', '.d.ts'), ...textsIn('dist/library', '.js')].flatMap((text) =>
    [...text.matchAll(/^(?:import|export)\b[^'"\n]*\bfrom ['"]([^.'"][^'"]*)['"]/gm)].map(
      ([, name = '']) => name,
    ),
  )
  const outside = packages.filter((name) => !builtinModules.includes(name.replace('node:', '')))
  tap.same([...new Set(outside)].toSorted(), ['winston-transport'])
  tap.end()
})

// Types without a value move from one module to another between versions of @types/node; classes stay.
void t.test('types import nothing but classes from node:stream', { skip }, async (tap) => {
  const imported = textsIn('dist/types', '.d.ts')
    .flatMap((text) => [...text.matchAll(/^import (?:type )?\{([^}]*)\} from 'node:stream'/gm)])
    .flatMap(([, names = '']) =>
      names.split(',').map((name) => name.replace(/^ *(?:type )?| as .*/g, '').trim()),
    )
  const classes = Object.keys(await import('node:stream'))
  tap.ok(imported.length > 0)
  tap.same(
    imported.filter((name) => !classes.includes(name)),
    [],
  )
})

function textsIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

void t.test('runs in an empty folder', { skip }, async (tap) => {
  const folder = tap.testdir({ node_modules: { 'logstream-loki': { dist: {} } } })
  const home = join(folder, 'node_modules/logstream-loki')
  cpSync('package.json', join(home, 'package.json'))
  cpSync('dist/library', join(home, 'dist/library'), { recursive: true })
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { Readable } from 'node:stream'
import { json, regex, pipeline } from 'logstream-loki'
import { lokiStream } from 'logstream-loki/pino'
import { regex as alone } from 'logstream-loki/transforms/regex'
const seen = []
await pipeline(
  Readable.from(['a=1', 'b=2']),
  regex({ expression: '(?P<n>\\\\d)' }),
  async (batches) => { for await (const batch of batches) for (const entry of batch.take()) seen.push(entry.extracted.get('n')) },
)
const loki = lokiStream({ url: 'http://127.0.0.1:1', dataDir: 'logs', labels: { app: 'a' } })
loki.write('{"level":30,"time":1,"msg":"kept"}\\n')
await loki.flush()
console.log(JSON.stringify({ seen, same: alone === regex, json: typeof json }))
process.exit(0)
`,
  )
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['main.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  })
  tap.equal(stdout, '{"seen":["1","2"],"same":true,"json":"function"}\n')
  tap.equal(stderr, '')
})
