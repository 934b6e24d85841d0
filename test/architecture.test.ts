/**
 * The shape of the code, asserted: which layer may import which, no cycles, where packages come in, how long
 * files are, and where tests lie.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, normalize } from 'node:path'
import t from 'tap'

/**
 * From the bottom up; a file belongs to the longest prefix that fits. It imports from lower ranks, and from its own
 * as long as that makes no circle.
 */
const RANKS: readonly (readonly string[])[] = [
  ['lib/errors.ts', 'lib/version.ts', 'lib/lru.ts', 'lib/token-bucket.ts', 'lib/generate'],
  ['lib/go'],
  ['lib/telemetry'],
  ['lib/formats'],
  ['lib/flow'],
  ['lib/alloy'],
  ['lib/convert', 'lib/logql'],
  ['lib/disk'],
  ['lib/intake'],
  ['lib/component'],
  ['transforms', 'lib/pipeline.ts'],
  ['lib/net'],
  ['lib/page'],
  ['lib/delivery'],
  ['lib/loki'],
  ['lib/otlp'],
  ['lib/store'],
  ['lib/rules'],
  ['lib/components'],
  ['lib/registry.ts'],
  ['lib/run'],
  ['lib/check', 'lib/docs', 'lib/pipeline-test', 'lib/explain', 'lib/library', 'lib/library.ts'],
  ['lib/admin'],
  ['lib/cli', 'lib/index.ts', 'lib/transport', 'page'],
  ['bin'],
]

/** Arrows that still run upwards; this list only shrinks. */
const TO_MEND: ReadonlySet<string> = new Set([])

/** Where a package may come in; the rest of the code uses what is built on it there. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@codemirror/autocomplete': ['page/editor'],
  '@codemirror/commands': ['page/editor'],
  '@codemirror/language': ['page/editor'],
  '@codemirror/lint': ['page/editor'],
  '@codemirror/state': ['page/editor'],
  '@codemirror/view': ['page/editor'],
  '@dagrejs/dagre': ['page/pipeline'],
  '@duckdb/node-api': ['lib/store'],
  '@grpc/grpc-js': ['lib/loki/grpc.ts', 'lib/net/server/grpc.ts'],
  '@platformatic/kafka': ['lib/net/kafka'],
  fflate: ['lib/admin'],
  '@preact/signals': ['page'],
  aws4fetch: ['lib/net/s3'],
  '@tanstack/virtual-core': ['page/parts'],
  'hyparquet-writer': ['lib/components/loki.sink.s3'],
  'iconv-lite': ['lib/intake'],
  'mmdb-lib': ['lib/disk/mmdb.ts'],
  preact: ['page'],
  'prom-client': ['lib/telemetry'],
  re2js: ['lib/go/regexp', 'lib/alloy/stdlib'],
  'smol-toml': ['lib/components/loki.secretfilter'],
  snappy: ['lib/loki/snappy.ts'],
  snappyjs: ['lib/loki/snappy.ts'],
  split2: ['lib/components', 'lib/net/kubernetes'],
  'stream-chain': ['lib/component/stage-stream.ts'],
  through2: ['lib/component/stage-stream.ts'],
  undici: [
    'lib/admin/loki',
    'lib/net/client',
    'lib/net/cloudflare',
    'lib/net/docker',
    'lib/net/kubernetes',
    'lib/net/s3',
    'lib/delivery',
    'lib/loki',
  ],
  uplot: ['page/charts'],
  'unbzip2-stream': ['lib/components/loki.source.file'],
  'winston-transport': ['lib/transport/winston.ts'],
  ws: ['lib/store/query/tail.ts'],
  yaml: ['lib/alloy/stdlib/yaml.ts', 'lib/pipeline-test', 'lib/disk', 'lib/go/yaml', 'lib/net/kubernetes'],
}

/** What the bundles hold is a development dependency. */
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: object
  readonly devDependencies: object
}

const LONGEST = 400
const LONGEST_MACHINE = 600

/** Scanners, parsers, printers and evaluators: one machine each, which two files would not make clearer. */
const MACHINES: ReadonlySet<string> = new Set([
  'lib/alloy/parser.ts',
  'lib/alloy/printer.ts',
  'lib/alloy/scanner.ts',
  'lib/go/template/evaluate.ts',
  'lib/go/template/parse.ts',
])

interface Import {
  readonly from: string
  readonly to: string
}

const files = ['bin', 'lib', 'page', 'transforms'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name)),
)
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
const imports = files.flatMap((from) => specifiersOf(from).map((to): Import => ({ from, to })))
const own = imports.filter(({ to }) => texts.has(to))

/** What a file imports or passes on, types included: our own files as paths, packages by name. */
function specifiersOf(file: string): string[] {
  const stated = /^(?:import|export)\s(?:[^'"`;=]*?\sfrom\s)?'([^']+)'|\b(?:import|require)\('([^']+)'\)/gm
  return [...texts.get(file)!.matchAll(stated)].map(([, statement, call]) => {
    const specifier = statement ?? call!
    return specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier)).replaceAll('\\', '/')
      : specifier
  })
}

const within = (file: string, prefix: string): boolean => file === prefix || file.startsWith(`${prefix}/`)

function rankOf(file: string): number {
  let rank = -1
  let longest = 0
  RANKS.forEach((prefixes, i) => {
    for (const prefix of prefixes)
      if (within(file, prefix) && prefix.length > longest) {
        rank = i
        longest = prefix.length
      }
  })
  return rank
}

void t.test('the walk sees the code', (tap) => {
  tap.ok(files.length > 100 && own.length > files.length, `${files.length} files, ${own.length} imports`)
  tap.ok(
    imports.some(({ from, to }) => from === 'bin/logstream.ts' && to === 'lib/cli/process.ts'),
    'import() too',
  )
  const lost = imports.filter(({ to }) => /^(lib|bin|page|transforms)\//.test(to) && !texts.has(to))
  tap.same(lost, [], 'every relative import leads to a file')
  tap.end()
})

void t.test('every file has a place in the layers', (tap) => {
  tap.same(
    files.filter((file) => rankOf(file) < 0),
    [],
  )
  const unused = RANKS.flat().filter((prefix) => !files.some((file) => within(file, prefix)))
  tap.same(
    unused.filter((prefix) => prefix !== 'lib/index.ts'),
    [],
    'and every place has a file',
  )
  tap.end()
})

void t.test('ARCHITECTURE.md lists the layers as they are', (tap) => {
  const listed = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^1\. (.*)$/gm)].map(([, row]) =>
    [...row!.matchAll(/`([^`]+)`/g)].map(([, prefix]) => prefix),
  )
  tap.same(listed, RANKS.toReversed())
  tap.end()
})

void t.test('a file imports from lower layers and its own only', (tap) => {
  const upward = own
    .filter(({ from, to }) => rankOf(to) > rankOf(from))
    .map(({ from, to }) => `${from} -> ${to}`)
  tap.same(
    upward.filter((arrow) => !TO_MEND.has(arrow)),
    [],
  )
  tap.same(
    [...TO_MEND].filter((arrow) => !upward.includes(arrow)),
    [],
    'the list is current',
  )
  tap.end()
})

void t.test('no import cycles, types included', (tap) => {
  tap.same(cyclesOf(own), [])
  tap.same(
    cyclesOf([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ]).length,
    1,
    'a cycle would be found',
  )
  tap.end()
})

/** Each cycle once, as a path. */
function cyclesOf(edges: readonly Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) return void found.push([...path.slice(at), file].join(' -> '))
    if (done.has(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

void t.test('packages come in at their doors', (tap) => {
  const builtin = new Set(builtinModules)
  const elsewhere = imports
    .filter(({ to }) => !to.startsWith('node:') && !/^(lib|bin|page|transforms|package\.json)/.test(to))
    .filter(({ from, to }) => !(DOORS[packageOf(to)] ?? []).some((door) => within(from, door)))
    .map(({ from, to }) => `${from}: ${to}`)
  tap.same(elsewhere, [])
  tap.same(
    imports.filter(({ to }) => builtin.has(to)),
    [],
    "Node's own modules are written node:",
  )
  const used = new Set(imports.map(({ to }) => packageOf(to)))
  tap.same(
    Object.keys(dependencies).filter((name) => !used.has(name)),
    [],
    'every dependency is used',
  )
  const listed = { ...dependencies, ...devDependencies }
  tap.same(
    Object.keys(DOORS).filter((name) => !used.has(name) || !(name in listed)),
    [],
    'every door is used, and for a package that is installed',
  )
  tap.end()
})

// `preact/hooks` comes in where `preact` does.
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

void t.test('stages know nothing of disks, networks, sources and sinks', (tap) => {
  const reached = own.filter(
    ({ from, to }) =>
      from.startsWith('transforms/') && /^lib\/(disk|net|components|intake|delivery|loki)\//.test(to),
  )
  tap.same(reached, [])
  tap.end()
})

void t.test('stages end entries by a verdict or ctx.drop, which count them', (tap) => {
  const uncounted = files.filter(
    (file) => file.startsWith('transforms/') && texts.get(file)!.includes('.settle('),
  )
  tap.same(uncounted, [])
  tap.end()
})

void t.test('files are short', (tap) => {
  const long = files
    .map((file) => ({ file, lines: texts.get(file)!.split('\n').length - 1 }))
    .filter(({ file, lines }) => lines > (MACHINES.has(file) ? LONGEST_MACHINE : LONGEST))
    .map(({ file, lines }) => `${file}: ${lines} lines`)
  tap.same(long, [])
  tap.same(
    [...MACHINES].filter((file) => !texts.has(file)),
    [],
    'the list is current',
  )
  tap.end()
})

void t.test('files are named after what they do, and say it first', (tap) => {
  const vague = /^(utils?|helpers?|common|misc|shared|types|constants)\.ts$/
  tap.same(
    files.filter((file) => vague.test(basename(file)) || /\/(utils?|helpers?|common)\//.test(file)),
    [],
  )
  tap.same(
    files.filter((file) => !file.startsWith('transforms/') && !/^[a-z0-9-]+\.tsx?$/.test(basename(file))),
    [],
  )
  const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(texts.get(file)!))
  tap.same(silent, [], 'every file opens with a comment')
  tap.end()
})

void t.test('only lib/index.ts and the table of stages pass on what others export', (tap) => {
  const barrels = files.filter(
    (file) =>
      !['lib/index.ts', 'transforms/index.ts'].includes(file) &&
      /^export (\*|\{[^}]*\}) from/m.test(texts.get(file)!),
  )
  tap.same(barrels, [])
  tap.same(
    files.filter((file) => /^export default/m.test(texts.get(file)!)),
    ['lib/transport/pino.ts'],
    'nothing has a default export but what pino loads by name',
  )
  tap.end()
})

void t.test('every stage has its test, and every folder has tests of what it offers', (tap) => {
  tap.same(
    files.filter((file) => /^transforms\/(?!index)/.test(file) && !existsSync(testOf(file))),
    [],
  )
  const folders = new Set(files.filter((file) => !onlyTypes(texts.get(file)!)).map((file) => dirname(file)))
  // The page is driven in a browser as a whole.
  const testless = [...folders].filter(
    (folder) => !within(folder, 'page') && !existsSync(join('test', folder)),
  )
  tap.same(testless, [])
  tap.end()
})

void t.test('a test lies at the path of what it tests', (tap) => {
  const lost = readdirSync('test/lib', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => dirname(join('lib', name)))
    .filter((folder) => !existsSync(folder))
  tap.same(lost, [])
  tap.end()
})

function testOf(file: string): string {
  return join('test', file.replace(/\.ts$/, '.test.ts'))
}

/** A file of interfaces and type names has nothing to run. */
function onlyTypes(text: string): boolean {
  return !/^(?:export\s+)?(?:async\s+)?(?:function|class|const|let)\b/m.test(text)
}
