/** A folder with the input of a workload, and runs of programs over it. */
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from './contenders.ts'
import { measure, type Cost, type NullLoki, type Program } from './measure.ts'
import { writeAtPace, type Delays } from './pace.ts'
import type { Places, Workload } from './workloads.ts'

export class Scene {
  readonly workload: Workload
  readonly entries: number
  readonly #loki: NullLoki
  readonly #folder = mkdtempSync(join(tmpdir(), 'logstream-bench-'))
  #bytes = 0
  #runs = 0

  private constructor(workload: Workload, entries: number, loki: NullLoki) {
    this.workload = workload
    this.entries = entries
    this.#loki = loki
  }

  /** Writes the input. */
  static async create(workload: Workload, entries: number, loki: NullLoki): Promise<Scene> {
    const scene = new Scene(workload, entries, loki)
    await scene.#writeInput()
    return scene
  }

  /** The size of the input. */
  get bytes(): number {
    return this.#bytes
  }

  /** Returns undefined for a program that can't do the workload; records what it pushes if `record` is a file. */
  async run(contender: Contender, record?: string): Promise<Cost | undefined> {
    const folder = join(this.#folder, `run-${++this.#runs}`)
    mkdirSync(folder)
    const { workload, entries } = this
    const path = workload.linesPerSecond === undefined ? this.#path() : join(folder, 'input.log')
    const places = { path, url: this.#loki.url, port: await freePort(), folder }
    const config = join(folder, 'bench.alloy')
    writeFileSync(config, `logging {\n  level = "warn"\n}\n${workload.config(places)}`)
    const program = contender.program({ workload, places, config })
    if (program === undefined) return undefined
    try {
      if (workload.linesPerSecond !== undefined)
        return await this.#atPace(program, places, workload.linesPerSecond)
      const arrived = await this.#loki.expect({ lines: entries * (workload.copies ?? 1), record })
      return await measure(program, workload.stored === true ? () => stored(places.port, entries) : arrived)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  // The lines are written by this process, not sent from a file.
  async #atPace({ command }: Program, places: Places, linesPerSecond: number): Promise<Cost> {
    const { workload, entries } = this
    const to = workload.feed === 'tcp' ? { port: places.port } : { file: places.path }
    const pace = { line: workload.input(), lines: entries, linesPerSecond, to }
    if (workload.feed === 'file') writeFileSync(places.path, '')
    let delays: Delays | undefined
    const cost = await measure({ command }, async () => {
      delays = await writeAtPace(pace, this.#loki)
    })
    return { ...cost, delays }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(): string {
    return join(this.#folder, this.workload.files === undefined ? 'input.log' : '*.log')
  }

  async #writeInput(): Promise<void> {
    if (this.workload.linesPerSecond !== undefined) return
    const next = this.workload.input()
    const { files = 1 } = this.workload
    for (let file = 0; file < files; file++) {
      const name = files === 1 ? 'input.log' : `${String(file).padStart(4, '0')}.log`
      const out = createWriteStream(join(this.#folder, name))
      const end = Math.floor(((file + 1) * this.entries) / files)
      for (let i = Math.floor((file * this.entries) / files); i < end;) {
        let text = ''
        for (const until = Math.min(end, i + 1000); i < until; i++) text += `${next(i)}\n`
        this.#bytes += Buffer.byteLength(text)
        if (!out.write(text)) await once(out, 'drain')
      }
      out.end()
      await once(out, 'finish')
    }
  }
}

// The account of the program itself: what is stored isn't pushed to anyone.
async function stored(port: number, entries: number): Promise<void> {
  for (let ended = 0; ended < entries; await sleep(200)) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
    const text = (await answer?.text()) ?? ''
    ended = 0
    for (const [, units] of text.matchAll(/^logstream_units_total\{.*\} (\d+)$/gm)) ended += Number(units)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Compares two records of pushes. Returns the first difference, or undefined. */
export function difference(a: string, b: string): string | undefined {
  const one = readFileSync(a, 'utf8').split('\n')
  const two = readFileSync(b, 'utf8').split('\n')
  const at = one.findIndex((line, i) => line !== two[i])
  if (at < 0 && one.length === two.length) return undefined
  const place = at < 0 ? one.length : at
  return `entry ${place + 1}:\n  ${one[place] ?? '(none)'}\n  ${two[place] ?? '(none)'}`
}
