/** Runs a program over a workload until all entries have arrived, and measures it. Reads `/proc`, so needs Linux. */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Arrived, Expectation } from './null-loki.ts'
import type { Delays } from './pace.ts'

export interface Cost {
  /** Of the process with all its threads, from its start until the last push was answered. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly maxRssMiB: number
  /** Of lines written at a steady pace. */
  readonly delays?: Delays
}

/** A program to measure. */
export interface Program {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A file to be its standard input, or to be sent to a port once it listens there. */
  readonly stdin?: string
  readonly send?: { readonly file: string; readonly port: number }
  /** Whether it ends by itself and then prints its own cost as JSON; it is stopped otherwise. */
  readonly reports?: boolean
}

const LONGEST_MS = 600_000
const TICKS = 100

/** The Loki that all programs of a run push to. */
export class NullLoki {
  readonly #child: ChildProcess
  readonly url: string

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}/loki/api/v1/push`
  }

  static async start(): Promise<NullLoki> {
    const child = fork(fileURLToPath(new URL('null-loki.js', import.meta.url)))
    const [port] = (await once(child, 'message')) as [number]
    return new NullLoki(child, port)
  }

  /** Starts a count. Resolves with a function that waits for the lines to arrive. */
  async expect(expectation: Expectation): Promise<() => Promise<Arrived>> {
    this.#child.send(expectation)
    await once(this.#child, 'message')
    const arrived = once(this.#child, 'message') as Promise<[Arrived]>
    return async () => (await arrived)[0]
  }

  close(): void {
    this.#child.disconnect()
  }
}

/** Runs a program until `done` resolves, and stops it. */
export async function measure(program: Program, done: () => Promise<unknown>): Promise<Cost> {
  const began = performance.now()
  const child = start(program)
  const said: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
  const exited = once(child, 'exit')
  const early = exited.then(([code, signal]) => {
    throw new Error(`${program.command.slice(0, 3).join(' ')} ended early: ${String(code ?? signal)}`)
  })
  early.catch(() => undefined)
  let sending: Socket | undefined
  try {
    if (program.reports === true) {
      await exited
      await done()
      const own = JSON.parse(Buffer.concat(said).toString()) as Cost
      return { ...own, wallSeconds: (performance.now() - began) / 1000 }
    }
    if (program.send !== undefined) sending = await send(program.send)
    const patience = new AbortController()
    const late = sleep(LONGEST_MS, undefined, { signal: patience.signal }).then(() => {
      throw new Error(`not all entries arrived within ${LONGEST_MS / 1000} s`)
    })
    late.catch(() => undefined)
    await Promise.race([done(), early, late])
    patience.abort()
    return { ...costOf(child.pid!), wallSeconds: (performance.now() - began) / 1000 }
  } finally {
    sending?.destroy()
    const input = child.stdio[3] as Socket | null
    input?.end()
    if (program.stdin === undefined && child.exitCode === null) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    if (child.exitCode === null && child.signalCode === null) await exited
    clearTimeout(late)
  }
}

function start({ command, env, stdin }: Program): ChildProcess {
  const options = { env: { ...process.env, ...env } }
  const [program = '', ...args] = command
  if (stdin === undefined) return spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  // A real pipe, which stays open after the file until descriptor 3 is closed.
  const script = 'exec "$@" < <(cat "$INPUT"; cat <&3) 3<&-'
  return spawn('bash', ['-c', script, 'bash', ...command], {
    env: { ...options.env, INPUT: stdin },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
}

async function send({ file, port }: { readonly file: string; readonly port: number }): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      createReadStream(file, { highWaterMark: 1024 * 1024 }).pipe(socket, { end: false })
      socket.on('error', () => undefined)
      return socket
    } catch (error) {
      if (tries > 1000) throw error
      await sleep(20)
    }
  }
}

function costOf(pid: number): Omit<Cost, 'wallSeconds'> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = (Number(fields[11]) + Number(fields[12])) / TICKS
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpuSeconds: Math.max(ticks, ofThreads(pid)), maxRssMiB: Number(peak) / 1024 }
}

/** Exact to the nanosecond, but without threads that have ended. */
function ofThreads(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return nanoseconds / 1e9
}
