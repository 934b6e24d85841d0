/** A `loki.source.api` on a free port, and a client that pushes to it. */
import type { Test } from 'tap'
import { lokiSourceApi } from '../../../../lib/components/loki.source.api/api.ts'
import { DELIVERED, type Outcome } from '../../../../lib/flow/outcome.ts'
import { pushRequest } from '../../../support/push-request.ts'
import { postTo, startPushSource, type Answered, type Running } from '../../../support/push-source.ts'
import type { SourceContext } from '../../../support/source.ts'

export const MIB = 1024 * 1024

export async function source(
  tap: Test,
  more: object = {},
  settle: Outcome | 'open' = DELIVERED,
  ctx?: SourceContext,
): Promise<Running> {
  const { http = {}, ...rest } = more as { http?: object }
  return await startPushSource(
    tap,
    lokiSourceApi,
    { http: { listen_port: 0, ...http }, ...rest },
    settle,
    ctx,
  )
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
): Promise<Answered> {
  return await postTo(`${url}${path}`, body, { 'content-type': type, ...headers })
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
