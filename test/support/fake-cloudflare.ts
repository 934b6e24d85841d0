/**
 * Stands in for Cloudflare's Logpull API, written after its documentation (developers.cloudflare.com/logs/logpull): the
 * same span always has the same logs, one every `everyMs`, in gzip where the client takes that.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { Signal } from '../../lib/flow/signal.ts'

export interface PullRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly query: URLSearchParams
  /** Milliseconds of Unix time. */
  readonly start: number
  readonly end: number
}

/** Answers a request instead; returns whether it did. */
type Answer = (request: PullRequest, response: ServerResponse) => boolean

export class FakeCloudflare {
  /** All of them, in order. */
  readonly requests: PullRequest[] = []
  readonly url: string
  instead: Answer = () => false
  readonly #everyMs: number
  readonly #asked: Signal

  private constructor(url: string, everyMs: number, asked: Signal) {
    this.url = url
    this.#everyMs = everyMs
    this.#asked = asked
  }

  static async start(tap: Test, everyMs: number): Promise<FakeCloudflare> {
    const asked = new Signal()
    const server = createServer(({ url = '', headers }, response) => {
      const { pathname, searchParams: query } = new URL(url, 'http://cloudflare')
      const ms = (name: string): number => Number(query.get(name)) / 1e6
      const request: PullRequest = { path: pathname, headers, query, start: ms('start'), end: ms('end') }
      fake.requests.push(request)
      if (!fake.instead(request, response)) fake.#answer(request, response)
      asked.notify()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const fake = new FakeCloudflare(`http://127.0.0.1:${port}/client/v4`, everyMs, asked)
    tap.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    return fake
  }

  /** Resolves when there were so many requests. */
  async asked(count: number): Promise<void> {
    await this.#asked.until(() => this.requests.length >= count)
  }

  /** The logs of a span. */
  lines(start: number, end: number): string[] {
    const first = Math.ceil(start / this.#everyMs) * this.#everyMs
    const count = Math.max(0, Math.ceil((end - first) / this.#everyMs))
    return Array.from({ length: count }, (_, i) => {
      const ms = first + i * this.#everyMs
      return `{"ClientIP":"192.0.2.7","EdgeStartTimestamp":${ms}000001,"RayID":"ray-${ms}"}`
    })
  }

  #answer({ start, end, headers }: PullRequest, response: ServerResponse): void {
    const text = this.lines(start, end)
      .map((line) => `${line}\n`)
      .join('')
    const packs = headers['accept-encoding']?.includes('gzip') === true
    response.writeHead(200, packs ? { 'content-encoding': 'gzip' } : {}).end(packs ? gzipSync(text) : text)
  }
}
