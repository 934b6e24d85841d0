import { connect } from 'node:net'
import t from 'tap'
import { systemClock } from '../../../lib/flow/clock.ts'
import { TcpListener } from '../../../lib/intake/tcp-listener.ts'
import { Warnings } from '../../../lib/intake/warnings.ts'
import { sourceContext } from '../../support/source.ts'
import { StepClock } from '../../support/step-clock.ts'

void t.test('a server that fails for one connection goes on', async (t) => {
  const { log, logged } = sourceContext()
  let errors = 0
  const peers: string[] = []
  const listener = new TcpListener({
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    idleTimeout: 0,
    maxConnections: 0,
    warnings: new Warnings(log, systemClock),
    clock: systemClock,
    serve: async (socket, peer) => {
      peers.push(peer)
      socket.resume()
      if (peers.length === 1) throw new Error('boom')
      await new Promise((resolve) => socket.once('close', resolve))
    },
    onError: () => errors++,
  })
  t.equal(listener.address, '')
  await listener.open()
  const port = Number(listener.address.split(':')[1])
  for (let i = 0; i < 2; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    if (i === 1) socket.end('x')
    await new Promise((resolve) => void socket.once('close', resolve))
  }
  t.strictSame(peers, ['127.0.0.1', '127.0.0.1'])
  t.equal(errors, 1)
  t.match(logged[0], /connection broken off .*boom/)
  await listener.stop()
  t.equal(listener.connections, 0)
})

void t.test('a connection without a whole message is closed, whatever bytes it sends', async (t) => {
  const { log } = sourceContext()
  const clock = new StepClock()
  let active = (): void => {}
  const listener = new TcpListener({
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    idleTimeout: 1000,
    maxConnections: 0,
    warnings: new Warnings(log, clock),
    clock,
    serve: async (socket, _peer, _until, onMessage) => {
      active = onMessage
      socket.resume()
      await new Promise((resolve) => socket.once('close', resolve))
    },
    onError: () => {},
  })
  await listener.open()
  const socket = connect(Number(listener.address.split(':')[1]), '127.0.0.1').on('error', () => {})
  await new Promise<void>((resolve) => void socket.write('x', () => resolve()))
  while (listener.connections === 0) await new Promise(setImmediate)
  clock.advance(900)
  active()
  clock.advance(900)
  t.equal(listener.connections, 1, 'a message came in time')
  socket.write('x')
  clock.advance(200)
  await new Promise((resolve) => void socket.once('close', resolve))
  await listener.stop()
})
