/** A `loki.source.api` on a free port, and a client that pushes to it. */
import type { Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceApi } from '../../../../lib/components/loki.source.api/api.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { DELIVERED, type Outcome } from '../../../../lib/flow/outcome.ts'
import { pushRequest } from '../../../support/push-request.ts'
import { sourceContext, type SourceContext } from '../../../support/source.ts'

export const MIB = 1024 * 1024

export interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly url: string
  readonly entries: Entry[]
}

/** `settle` ends each entry as it arrives, or leaves it open. */
export async function source(
  tap: Test,
  more: object = {},
  settle: Outcome | 'open' = DELIVERED,
  ctx = sourceContext(),
): Promise<Running> {
  const { http = {}, ...rest } = more as { http?: object }
  const options = decodeInput('loki.source.api', lokiSourceApi.fields, {
    forward_to: [],
    http: { listen_port: 0, ...http },
    ...rest,
  })
  const component = lokiSourceApi.create(options, ctx)
  tap.teardown(async () => component.close?.())
  await component.start?.()
  const entries: Entry[] = []
  component.output!.on('data', (batch: Batch) => {
    for (const entry of batch.take()) {
      entries.push(entry)
      if (settle !== 'open') entry.ack.settle(settle)
    }
  })
  return { component, ctx, entries, url: (component.status!() as { address: string }).address }
}

export interface Push {
  readonly path?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

export async function post(
  url: string,
  body: string | Buffer,
  { path = '/loki/api/v1/push', type = 'application/json', headers = {} }: Push = {},
): Promise<{ status: number; text: string; retry: string | null }> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': type, ...headers },
    signal: AbortSignal.timeout(20_000),
  })
  return { status: answer.status, text: await answer.text(), retry: answer.headers.get('retry-after') }
}

export const json = (line: string, labels: object = { job: 'a' }): string =>
  JSON.stringify({ streams: [{ stream: labels, values: [['1700000000000000001', line, { trace: 'x' }]] }] })

export const protobuf = (labels: string, ...lines: string[]): Buffer =>
  pushRequest([
    [
      labels,
      lines.map((line) => ({ seconds: 1_700_000_000, nanos: 1, line, structuredMetadata: [['trace', 'x']] })),
    ],
  ])

export const PROTOBUF = 'application/x-protobuf'
