/**
 * Runs compiled test files and reports what fails. The files of a folder share a process (`together.ts`), and so do
 * those of each folder of `lib/`; some have their own (`ALONE`). `tap run` would load a module hook into each of these
 * processes and into the commands they start; on Node 20 it lives in a thread of its own and costs more than most files
 * do (the whole suite took 1,276 CPU seconds with it, and 895 with a process for each file).
 *
 * `node dist/test/run.js [--jobs=3] [--timeout=300] [--without=FOLDER] FOLDER|FILE...`; the last line counts assertions.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { Parser, type Result } from 'tap-parser'

interface Account {
  total: number
  pass: number
  fail: number
  skip: number
}

interface Outcome extends Account {
  readonly failures: readonly string[]
}

/** The folders whose files share a process: those of `lib/`, and the others of `test/`. */
const SHARED = /^dist\/test\/(?:lib\/[^/]+|[^/]+)(?=\/)/

/** Tests that change their process, run side by side, or take long. */
const ALONE = /^dist\/test\/(?:bin|pipeline|services)\/|^dist\/test\/docs\/(?:commands|recipes)\./

/** What takes longest, in that order: it begins first, so that no core is left alone with it at the end. */
const LONG = [
  'lib/store',
  'lib/components',
  'docs/commands.test.js',
  'lib/cli',
  'lib/delivery',
  'docs/recipes.test.js',
  'lib/logql',
  'lib/go',
  'docs',
  'lib',
  'pipeline/pipe.test.js',
].map((name) => `dist/test/${name}`)

/** What each further file of a folder adds to the time limit: `lib/store` took 310 s on two cores at a load of 14. */
const SECONDS_A_FILE = 10

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // One more than a small machine has cores: a third of the time of two jobs was waiting.
    jobs: { type: 'string', default: '3' },
    timeout: { type: 'string', default: '300' },
    without: { type: 'string' },
  },
})

/** What one process runs: a file, or the files of a folder. */
interface Unit {
  readonly path: string
  readonly files: readonly string[]
}

function unitsOf(path: string): Unit[] {
  if (path.endsWith('.js')) return [{ path, files: [path] }]
  const units = new Map<string, string[]>()
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const file = join(path, name)
    if (!file.endsWith('.test.js') || (values.without !== undefined && file.startsWith(values.without)))
      continue
    const unit = ALONE.test(file) ? file : (SHARED.exec(file)?.[0] ?? dirname(file))
    units.set(unit, [...(units.get(unit) ?? []), file])
  }
  return [...units].map(([path, files]) => ({ path, files }))
}

/** What tap says of a failed assertion; a diff keeps its lines. */
function explained(name: string, diag: object | null): string {
  const parts = Object.entries(diag ?? {}).map(([key, value]) => {
    const shown = typeof value === 'string' ? value : JSON.stringify(value)
    return `${key}: ${shown.includes('\n') ? `\n${shown}` : shown}`
  })
  return [name, ...parts.map((part) => part.replaceAll(/^/gm, '  '))].join('\n')
}

/** Reads a file's TAP. Assertions are counted where they stand, not again in the subtest around them. */
function outcomeOf(tap: string): Outcome {
  const account: Account = { total: 0, pass: 0, fail: 0, skip: 0 }
  const failures: string[] = []
  const fail = (text: string): void => {
    account.total++
    account.fail++
    failures.push(text)
  }
  const watch = (parser: Parser): void => {
    parser.on('child', watch)
    parser.on('assert', ({ ok, skip, todo, fullname, closingTestPoint, diag }: Result) => {
      if (closingTestPoint) return
      if (!ok && skip === false && todo === false) {
        fail(explained(fullname, diag))
        return
      }
      account.total++
      if (skip === false) account.pass++
      else account.skip++
    })
  }
  const parser = new Parser((results) => {
    // A plan that doesn't fit, or no plan: no assertion says so.
    if (!results.ok && account.fail === 0) fail(results.failures.map((each) => each.tapError).join('\n'))
  })
  watch(parser)
  parser.end(tap)
  return { ...account, failures }
}

/** Runs one unit. tap ends it at its timeout and says which test it waited for; what then still hangs is killed. */
async function run({ path, files }: Unit): Promise<Outcome> {
  const seconds = Number(values.timeout) + (files.length - 1) * SECONDS_A_FILE
  const script = files.length === 1 ? files : ['dist/test/together.js', path]
  const child = spawn(process.execPath, ['--enable-source-maps', ...script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(seconds), TEST_FILES: files.join(' ') },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), (seconds + 10) * 1000)
  const [output, how] = await Promise.all([
    text(child.stdout),
    new Promise<number | NodeJS.Signals>((resolve) =>
      child.on('close', (code, signal) => resolve(signal ?? code ?? 0)),
    ),
  ])
  clearTimeout(timer)
  const outcome = outcomeOf(output)
  if (how === 0 || (how === 1 && outcome.fail > 0)) return outcome
  return {
    ...outcome,
    total: outcome.total + 1,
    fail: outcome.fail + 1,
    failures: [...outcome.failures, `ended with ${how}; its last output:\n${output.slice(-2000)}`],
  }
}

/** Its place in `LONG`, or after all of those. */
const rank = ({ path }: Unit): number => (LONG.includes(path) ? LONG.indexOf(path) : LONG.length)

const units = positionals
  .flatMap(unitsOf)
  .toSorted((a, b) => rank(a) - rank(b) || b.files.length - a.files.length || a.path.localeCompare(b.path))
const total = units.reduce((sum, { files }) => sum + files.length, 0)
const account: Account = { total: 0, pass: 0, fail: 0, skip: 0 }
const waiting = units.values()
let done = 0

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function worker(): Promise<void> {
  for (const unit of waiting) {
    const start = performance.now()
    const outcome = await run(unit)
    for (const key of ['total', 'pass', 'fail', 'skip'] as const) account[key] += outcome[key]
    const took = ((performance.now() - start) / 1000).toFixed(1)
    done += unit.files.length
    say(`${outcome.fail > 0 ? 'FAIL' : 'ok'} ${done}/${total} ${unit.path} ${took} s`)
    for (const failure of outcome.failures) say(failure.replaceAll(/^/gm, '  '))
  }
}

if (total === 0) throw new Error(`no compiled tests in ${positionals.join(', ')}: npm run build first`)
await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
say(`# { total: ${account.total}, pass: ${account.pass}, fail: ${account.fail}, skip: ${account.skip} }`)
process.exitCode = account.fail > 0 ? 1 : 0
