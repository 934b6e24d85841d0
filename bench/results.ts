/** What the workloads cost, as a table for the terminal and as `bench/RESULTS.md`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, totalmem } from 'node:os'
import type { Cost } from './measure.ts'
import type { Scene } from './scene.ts'

/** The costs of each program in the rounds of one workload. */
export interface Result {
  readonly scene: Pick<Scene, 'workload' | 'entries' | 'bytes'>
  readonly rounds: number
  readonly costs: ReadonlyMap<string, readonly Cost[]>
}

const DELAYS = ['median delay ms', 'p99 delay ms']
const HEAD = ['', 'CPU s', 'µs an entry', 'k entries a CPU s', 'wall s', 'peak RSS MiB', 'against it']

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The delays of lines written at a steady pace have columns of their own. */
function head({ costs }: Result): string[] {
  const [each] = costs.values()
  return each?.[0]?.delays === undefined ? HEAD : [...HEAD, ...DELAYS]
}

/** A row a program, CPU seconds first; the last column says how many times as fast as it the first program is. */
function rows({ scene: { entries }, costs }: Result): string[][] {
  const cpuOf = (each: readonly Cost[]): number => median(each.map(({ cpuSeconds }) => cpuSeconds))
  const [[, own = []] = []] = costs
  return [...costs].map(([name, each], i) => {
    const cpu = cpuOf(each)
    return [
      name,
      cpu.toFixed(2),
      ((cpu / entries) * 1e6).toFixed(2),
      (entries / cpu / 1000).toFixed(0),
      median(each.map(({ wallSeconds }) => wallSeconds)).toFixed(2),
      Math.max(...each.map(({ maxRssMiB }) => maxRssMiB)).toFixed(0),
      i === 0 ? '' : (cpu / cpuOf(own)).toFixed(2),
      ...delaysOf(each),
    ]
  })
}

function delaysOf(costs: readonly Cost[]): string[] {
  const delays = costs.flatMap((cost) => cost.delays ?? [])
  if (delays.length === 0) return []
  return [median(delays.map((of) => of.median)), Math.max(...delays.map(({ p99 }) => p99))].map((ms) =>
    ms.toFixed(0),
  )
}

function size({ scene: { entries, bytes }, rounds }: Result): string {
  const length = bytes === 0 ? '' : `, ${(bytes / entries).toFixed(0)} bytes each`
  return `${entries.toLocaleString('en')} entries${length}; median of ${rounds} rounds.`
}

export function toText(result: Result): string {
  const { name, summary } = result.scene.workload
  const table = [head(result), ...rows(result)]
    .map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(16) : cell.padStart(18))).join(''))
    .join('\n')
  return `${name}: ${summary}\n${size(result)}\n${table}\n`
}

const METHOD = `# What a log line costs

Written by \`npm run bench -- --write\`, one section a workload: [workloads.ts](workloads.ts) has the configs, and
[inputs.ts](inputs.ts) makes the logs.

How it is measured:

- Each program reads the same input and pushes to the same Loki on loopback, which answers 204 and keeps nothing, in a
  process of its own. They take turns, round by round; figures are medians over the rounds, peak RSS the largest.
- CPU seconds are of the whole process with its threads, user and system, **from its start to the last push answered**:
  loading, compiling and collecting garbage included. Wall time is mostly waiting: for the machine, and for the last batch
  (\`batch_wait\`, 1 s).
- *logstream* is \`logstream run\` with the config (\`logstream pipe\` for \`pipe\`), from the built tree.
- *the other tree* is an earlier commit, named below, by the same command. What it pushes is the same, entry by entry:
  \`npm run bench -- --compare --vs DIR\`.
- *hand-written* is one loop for that one job ([hand-written.ts](hand-written.ts)): over bytes, the format built in, without
  account, config, retries or stop. Nothing useful can be much cheaper in Node.
- Peers run where they are on the \`PATH\`: Alloy with the same config, Vector and Fluent Bit with those in
  [peers/](peers).
- \`latency-file\` and \`latency-tcp\` write lines at a steady pace, each with the time of its writing: the delay is from
  there to the arrival of the push with it, p99 the worst of the rounds.
- *against it* is the program's CPU seconds divided by logstream's: above 1, logstream needs less.

What to keep in mind:

- The inputs are made up, and regular. Loki's side, the network and TLS are not measured.
- On a shared or virtual machine seconds move by half between quiet and busy minutes. Compare programs within a section,
  not sections with each other or with another machine's.
`

/** Replaces the sections of these workloads in the file, and keeps the others. */
export function writeResults(path: string, results: readonly Result[], other: string | undefined): void {
  const old = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const sections = new Map<string, string>()
  for (const section of old.split(/^(?=## )/m).slice(1))
    sections.set(/^## (.*)$/m.exec(section)![1]!, section)
  for (const result of results) sections.set(result.scene.workload.name, toMarkdown(result, other))
  writeFileSync(path, [METHOD, ...sections.values()].join('\n').replaceAll(/\n{3,}/g, '\n\n'))
}

function toMarkdown(result: Result, other: string | undefined): string {
  const { name, summary } = result.scene.workload
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const cells = head(result)
  const table = [cells, ['---', ...cells.slice(1).map(() => '---:')], ...rows(result)].map(line).join('\n')
  const machine = `${cpus().length} × ${cpus()[0]!.model.trim()}, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, ${arch()}, load ${loadavg()[0]!.toFixed(0)}`
  const against =
    other === undefined || !result.costs.has('the other tree') ? '' : ` The other tree: ${other}.`
  return `## ${name}

${summary[0]!.toUpperCase()}${summary.slice(1)}. ${size(result)} ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${machine}.${against}

${table}
`
}
