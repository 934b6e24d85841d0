/**
 * `npm run bench -- [WORKLOAD...]`: what a log line costs, in CPU seconds first. Programs take turns at each workload, since
 * machines are noisy. Needs Linux.
 *
 *   --vs DIR      also run the built tree at DIR, an earlier commit
 *   --compare     don't measure: compare what this tree and the others push, entry by entry
 *   --rounds N    how often each program has its turn (5)
 *   --entries N   instead of the number that fits the workload
 *   --no-peers    leave out Alloy, Vector and Fluent Bit
 *   --write       write the sections of these workloads in bench/RESULTS.md
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contenders, type Contender } from './contenders.ts'
import { NullLoki, type Cost } from './measure.ts'
import { toText, writeResults, type Result } from './results.ts'
import { difference, Scene } from './scene.ts'
import { WORKLOADS, type Workload } from './workloads.ts'

const RESULTS = 'bench/RESULTS.md'
const COMPARED = 100_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    vs: { type: 'string' },
    compare: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    entries: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

const say = (text: string): void => void process.stdout.write(text)

function chosen(): readonly Workload[] {
  const names = WORKLOADS.map(({ name }) => name)
  const unknown = positionals.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`unknown workload "${unknown}": expected ${names.join(', ')}`)
  return positionals.length === 0 ? WORKLOADS : WORKLOADS.filter(({ name }) => positionals.includes(name))
}

async function rounds(scene: Scene, programs: readonly Contender[], count: number): Promise<Result> {
  const costs = new Map<string, Cost[]>()
  for (let round = 0; round < count; round++)
    for (const program of programs) {
      const cost = await scene.run(program)
      if (cost !== undefined) costs.set(program.name, [...(costs.get(program.name) ?? []), cost])
    }
  return { scene, rounds: count, costs }
}

/** Whether all push what the first one does. */
async function compare(scene: Scene, [first, ...others]: readonly Contender[]): Promise<boolean> {
  const [one = '', two = ''] = ['one', 'two'].map((name) =>
    join(tmpdir(), `logstream-bench-${process.pid}-${name}`),
  )
  let same = true
  try {
    await scene.run(first!, one)
    for (const other of others) {
      if ((await scene.run(other, two)) === undefined) continue
      const found = difference(one, two)
      same &&= found === undefined
      say(
        `${scene.workload.name}, ${other.name}: ${found === undefined ? 'the same' : `DIFFERENT at ${found}`}\n`,
      )
    }
  } finally {
    for (const record of [one, two]) rmSync(record, { force: true })
  }
  return same
}

function commitOf(folder: string): string {
  return execFileSync('git', ['-C', folder, 'log', '-1', '--format=%h (%cs)'], { encoding: 'utf8' }).trim()
}

// Peers label and stamp entries in their own ways.
const programs = contenders(values.vs, !values['no-peers'] && !values.compare)
const loki = await NullLoki.start()
try {
  const results: Result[] = []
  for (const workload of chosen()) {
    if (values.compare && (workload.stored === true || workload.linesPerSecond !== undefined)) continue
    const entries = Number(values.entries ?? (values.compare ? COMPARED : workload.entries))
    const scene = await Scene.create(workload, entries, loki)
    try {
      if (values.compare) {
        if (!(await compare(scene, programs))) process.exitCode = 1
        continue
      }
      const result = await rounds(scene, programs, Number(values.rounds))
      results.push(result)
      say(`${toText(result)}\n`)
      if (values.write)
        writeResults(RESULTS, results, values.vs === undefined ? undefined : commitOf(values.vs))
    } finally {
      scene.close()
    }
  }
} finally {
  loki.close()
}
