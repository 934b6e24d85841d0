/** `logstream store` as a process of its own, with what tests ask of it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { peakOf } from './store-kill.ts'

const COMMAND = fileURLToPath(new URL('../../bin/logstream.js', import.meta.url))

export class StoreProcess {
  readonly url: string
  /** What it has logged. */
  readonly log: string[]
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string, log: string[]) {
    this.#child = child
    this.url = url
    this.log = log
  }

  /** Resolves when it serves. Rejects with its log when it ends before that. */
  static async start(path: string, ...flags: readonly string[]): Promise<StoreProcess> {
    const words = ['store', '--path', path, '--listen', '127.0.0.1:0', '--server.http.listen-addr', '']
    const child = spawn(process.execPath, [COMMAND, ...words, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const log: string[] = []
    const lines = createInterface({ input: child.stderr })
    const url = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        log.push(line)
        const found = / url=(http\S+)/.exec(line)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('exit', () => reject(new Error(log.join('\n'))))
    })
    return new StoreProcess(child, url, log)
  }

  /** The most memory that it has had, in bytes. */
  peak(): Promise<number> {
    return peakOf(this.#child.pid!)
  }

  /** Pushes a body, again and again while it's told to come later. Returns how often that was. */
  async push(streams: readonly object[]): Promise<number> {
    const body = JSON.stringify({ streams })
    for (let refused = 0; ; refused++) {
      const answer = await fetch(`${this.url}/loki/api/v1/push`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const text = await answer.text()
      if (answer.status === 204) return refused
      if (answer.status !== 429) throw new Error(`${answer.status} ${text}`)
      await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1000))
    }
  }

  /** The result of a query. */
  async query(
    endpoint: 'query' | 'query_range',
    parameters: Readonly<Record<string, string>>,
  ): Promise<Result[]> {
    const answer = await fetch(
      `${this.url}/loki/api/v1/${endpoint}?${new URLSearchParams(parameters).toString()}`,
    )
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { data: { result: Result[] } }).data.result
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

interface Result {
  readonly value?: readonly [time: number, value: string]
  readonly values?: readonly (readonly [time: string, line: string])[]
}
