/** A gRPC server of unary methods: answers, limits, and how it ends. */
import { once } from 'node:events'
import { connect, type ClientHttp2Stream } from 'node:http2'
import t, { type Test } from 'tap'
import { startGrpc, type GrpcMethod, type GrpcServer } from '../../../../lib/net/server/grpc.ts'
import { grpcCaller } from '../../../support/grpc-call.ts'

const ECHO = '/test.Service/Echo'

async function server(tap: Test, method: GrpcMethod, maxMessageBytes = 1024): Promise<GrpcServer> {
  const started = await startGrpc({
    listen: '127.0.0.1:0',
    maxMessageBytes,
    methods: { [ECHO]: method },
  })
  tap.teardown(() => started.close(0))
  return started
}

const echo: GrpcMethod = (message) => Promise.resolve({ message })

void t.test('messages, headers, codes and details', async (tap: Test) => {
  const { address } = await server(tap, (message, header) =>
    header('x-code') === ''
      ? echo(message, header)
      : Promise.resolve({ code: 14, details: 'later', status: Buffer.from('more') }),
  )
  const client = grpcCaller(tap, address)
  tap.strictSame((await client.call(ECHO, Buffer.from('hi'))).message.toString(), 'hi')
  const refused = await client.call(ECHO, Buffer.alloc(0), { 'x-code': '14' })
  tap.match(refused, { code: 14, details: 'later' })
  tap.strictSame(String(refused.trailers!.get('grpc-status-details-bin')[0]), 'more')
  tap.equal((await client.call('/test.Service/Other', Buffer.alloc(0))).code, 12)
  tap.equal((await client.call(ECHO, Buffer.alloc(2000))).code, 8)
})

void t.test('a method that throws', async (tap: Test) => {
  const { address } = await server(tap, () => Promise.reject(new Error('broken')))
  tap.match(await grpcCaller(tap, address).call(ECHO, Buffer.alloc(0)), { code: 13, details: 'broken' })
})

void t.test('messages that are arriving are bounded, whatever their connection', async (tap: Test) => {
  const { address } = await server(tap, echo, 32 * 1024 * 1024)
  const session = connect(`http://${address}`)
  tap.teardown(() => session.destroy())
  const begin = async (): Promise<ClientHttp2Stream> => {
    const stream = session.request({
      ':method': 'POST',
      ':path': ECHO,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.on('error', () => undefined)
    stream.write(Buffer.from([0, 0, 0, 0, 2]))
    await new Promise((resolve) => session.ping(resolve))
    return stream
  }
  const stalled = [await begin(), await begin(), await begin(), await begin()]
  const client = grpcCaller(tap, address)
  tap.match(await client.call(ECHO, Buffer.from('hi')), { code: 14, details: /too many messages/ })
  const answered = once(stalled[0]!, 'response')
  stalled[0]!.end('ok')
  await answered
  tap.equal((await client.call(ECHO, Buffer.from('hi'))).code, 0, 'one has come')
  stalled[0] = await begin()
  tap.equal((await client.call(ECHO, Buffer.from('hi'))).code, 14)
  stalled[1]!.close()
  await once(stalled[1]!, 'close')
  await new Promise((resolve) => session.ping(resolve))
  tap.equal((await client.call(ECHO, Buffer.from('hi'))).code, 0, 'one was given up')
})

void t.test('closing waits for what is under way, and no longer than it is told', async (tap: Test) => {
  let finish: () => void = () => {}
  const begun = new Promise<void>((resolve) => (finish = resolve))
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const started = await server(tap, async (message) => {
    finish()
    await held
    return { message }
  })
  const call = grpcCaller(tap, started.address).call(ECHO, Buffer.from('hi'))
  await begun
  const closing = started.close(20_000)
  release()
  tap.equal((await call).code, 0)
  await closing
  const never = await server(tap, () => new Promise(() => undefined))
  const cut = grpcCaller(tap, never.address).call(ECHO, Buffer.from('hi'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  await never.close(10)
  tap.not((await cut).code, 0)
})
