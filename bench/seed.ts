/**
 * `npm run bench`: sends 500,000 generated transaction lines from a file to a null Loki on loopback in three ways: a
 * hand-written loop, logstream, and logstream with every stage as its own Node stream. The ways take turns, since
 * machines are noisy, and ratios are of medians; CPU seconds are each process's own, start-up included.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transactionSource } from '../lib/generate/transactions.ts'

const LINES = Number(process.env['LINES'] ?? 500_000)
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)

interface Result {
  readonly parsed: number
  readonly success: number
  readonly failures: number
  readonly cpuSeconds: number
  readonly maxRssMiB: number
  readonly wallSeconds: number
}

const VARIANTS = [
  ['hand-written', ['hand-written.js']],
  ['logstream', ['pipeline.js', 'fused']],
  ['unfused', ['pipeline.js', 'unfused']],
] as const

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

async function writeSeed(path: string): Promise<void> {
  const next = transactionSource({ seed: 1, badShare: 0.03 })
  const out = createWriteStream(path)
  for (let done = 0; done < LINES; done += 10_000) {
    let text = ''
    for (let i = 0; i < Math.min(10_000, LINES - done); i++) text += `${next(1_767_225_600_000 + done + i)}\n`
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

async function run([name, ...args]: readonly string[], file: string, url: string): Promise<Result> {
  const began = process.hrtime.bigint()
  const child = spawn(process.execPath, [script(name!), file, url, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  return { ...(JSON.parse(text) as Result), wallSeconds: Number(process.hrtime.bigint() - began) / 1e9 }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-bench-'))
  const loki: ChildProcess = fork(script('null-loki.js'))
  try {
    const [port] = (await once(loki, 'message')) as [number]
    const file = join(folder, 'transactions.log')
    await writeSeed(file)
    const results = new Map<string, Result[]>(VARIANTS.map(([name]) => [name, []]))
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, args] of VARIANTS)
        results.get(name)!.push(await run(args, file, `http://127.0.0.1:${port}/loki/api/v1/push`))
    report(results)
  } finally {
    loki.disconnect()
    await rm(folder, { recursive: true, force: true })
  }
}

function report(results: ReadonlyMap<string, readonly Result[]>): void {
  const [reference] = results.get('hand-written')!
  const base = LINES / median(results.get('hand-written')!.map(({ cpuSeconds }) => cpuSeconds))
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(18))).join('')
  const out = [
    `${LINES} lines, median of ${ROUNDS} rounds`,
    row(['', 'lines/CPU second', 'lines/second', 'peak RSS MiB', 'of hand-written']),
  ]
  for (const [name, each] of results) {
    const perCpu = LINES / median(each.map(({ cpuSeconds }) => cpuSeconds))
    const perSecond = LINES / median(each.map(({ wallSeconds }) => wallSeconds))
    const rss = Math.max(...each.map(({ maxRssMiB }) => maxRssMiB))
    out.push(
      row([
        name,
        String(Math.round(perCpu)),
        String(Math.round(perSecond)),
        rss.toFixed(0),
        (perCpu / base).toFixed(2),
      ]),
    )
    for (const { parsed, success, failures } of each)
      if (parsed !== reference!.parsed || success !== reference!.success || failures !== reference!.failures)
        throw new Error(
          `${name} counted ${parsed}/${success}/${failures}, hand-written ${reference!.parsed}/${reference!.success}/${reference!.failures}`,
        )
  }
  process.stdout.write(
    `${out.join('\n')}\ncounts: ${reference!.parsed} parsed, ${reference!.success} SUCCESS, ${reference!.failures} FAILED, the same in all\n`,
  )
}

await main()
