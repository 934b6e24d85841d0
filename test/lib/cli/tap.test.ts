import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'
import { tappedService, type TappedService } from '../../support/tapped.ts'

const STAGES = 'stage.regex { expression = "(?P<level>[a-z]+)" }\nstage.labels { values = {level = ""} }'

interface Running {
  readonly io: FakeIo
  readonly code: Promise<number>
}

function tapping({ service }: TappedService, args: readonly string[], io = fakeIo()): Running {
  return { io, code: main(['tap', '--address', service.url!, ...args], io) }
}

// Lines are sent until one was seen, since a tap shows what comes after it was opened.
async function sendUntil(service: TappedService, { code }: Running, line: string): Promise<number> {
  let ended: number | undefined
  void code.then((status) => (ended = status))
  while (ended === undefined) {
    await service.send(line)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return ended
}

void t.test('entries of a component, by the end of its id', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const running = tapping(service, ['shop', '--limit', '1'])
  tap.equal(await sendUntil(service, running, 'info \u001b[31m\u202ered'), 0)
  tap.match(running.io.out(), /^\d{4}-\S+Z \{job="shop", level="info"\} info \ufffd\[31m\ufffdred\n$/)
  tap.equal(running.io.err(), '')
})

void t.test('stage by stage, with colours on a terminal only', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const plain = tapping(service, ['loki.process.shop', '--stages', '--limit', '1'])
  await sendUntil(service, plain, 'info')
  tap.match(
    plain.io.out(),
    /\{job="shop"\} info\n {2}1\.regex\n {5}extracted \+ level="info"\n {2}2\.labels\n {5}label {5}\+ level="info"\n\n$/,
  )
  const io = fakeIo()
  const terminal = { ...io, stdout: Object.assign(io.stdout, { isTTY: true }) }
  const coloured = tapping(service, ['shop', '--stages', '--limit', '1'], terminal)
  await sendUntil(service, coloured, 'info')
  tap.match(io.out(), '\u001b[32m+ level="info"\u001b[39m')
})

void t.test('as JSON, until a signal', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { io, code } = tapping(service, ['shop', '--json'])
  const seen = io.wrote(/\n/)
  const timer = setInterval(() => void service.send('info'), 20)
  await seen
  clearInterval(timer)
  tap.match(JSON.parse(io.out().split('\n')[0]!), { line: 'info', labels: { level: 'info' } })
  io.signal('SIGINT')
  tap.equal(await code, 0)
})

void t.test('without a component they are listed', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { io, code } = tapping(service, [])
  tap.equal(await code, 0)
  tap.equal(
    io.out(),
    '  loki.echo.out\n  loki.process.shop -> loki.echo.out\n  loki.source.tcp.in -> loki.process.shop\n',
  )
})

void t.test('what is wrong is said', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const fails = async (args: readonly string[], said: RegExp): Promise<void> => {
    const io = fakeIo()
    tap.equal(await main(['tap', ...args], io), 1)
    tap.match(io.err(), said)
  }
  const at = ['--address', service.service.url!]
  await fails([...at, 'nobody'], /no component is called "nobody"\. There are\n {2}loki\.echo\.out/)
  await fails([...at, 'out', '--stages'], /has no stages/)
  await fails([...at, 'a', 'b'], /takes one COMPONENT/)
  await fails([...at, 'shop', '--limit', '0'], /from 1 on/)
  await fails(['--address', 'http://me:planted@'], /expected --address/)
  await fails(
    ['--address', 'http://127.0.0.1:1', 'x'],
    /cannot reach a running service at http:\/\/127\.0\.0\.1:1\//,
  )
})
