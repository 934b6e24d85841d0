import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import t from 'tap'
import {
  Entry,
  labelSet,
  openSink,
  openSource,
  openTransform,
  pipeline,
  type ComponentName,
} from '../../../lib/index.ts'
import { components } from '../../../lib/components/index.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

void t.test('a source and a sink by their names', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const port = 20_000 + (process.pid % 20_000)
  const source = await openSource('loki.source.tcp', {
    listen_port: port,
    labels: { job: 'tcp' },
  })
  const sink = await openSink('loki.write', { endpoint: [{ url: loki.pushUrl, batch_wait: '10ms' }] })
  const done = pipeline(source, sink)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end('a line\n')
  await loki.waitFor(1)
  source.stop()
  await done
  tap.match(loki.entries(), [{ line: 'a line', labels: /job="tcp"/ }])
})

void t.test('a component that takes and hands on', async (tap) => {
  const relabel = await openTransform('loki.relabel', {
    rule: [{ target_label: 'env', replacement: 'prod' }],
  })
  const out: Entry[] = []
  relabel.on('data', (batch: { take(): Entry[] }) => out.push(...batch.take()))
  Readable.from([new Entry(1, 0, 'x', labelSet({ app: 'a' }))]).pipe(relabel)
  await once(relabel, 'end')
  tap.same(
    out.map(({ labels }) => labels.text),
    ['{app="a", env="prod"}'],
  )
})

void t.test('mistakes are refused by name, with the closest right one', async (tap) => {
  const wrong = 'loki.source.sylog' as ComponentName
  await tap.rejects(openSource(wrong, {}), {
    code: 'BAD_ARGUMENT',
    message: /did you mean "loki\.source\.syslog"\?/,
  })
  // As a program in JavaScript might.
  await tap.rejects(openSource('loki.source.syslog', { listner: [] } as never), {
    code: 'BAD_ARGUMENT',
    message: /unknown attribute "listner"; did you mean "listener"\?/,
  })
  await tap.rejects(openSource('loki.write', { endpoint: [{ url: 'http://127.0.0.1:1' }] }), {
    code: 'BAD_ARGUMENT',
    message: "loki.write isn't a source: it takes entries",
  })
  await tap.rejects(openSink('loki.relabel', {}), {
    message: "loki.relabel isn't a sink: it hands entries on",
  })
})

void t.test('names are types', (tap) => {
  const names: readonly ComponentName[] = ['loki.source.journal', 'loki.source.docker', 'loki.sink.kafka']
  tap.ok(names.every((name) => components.has(name)))
  // @ts-expect-error: not a component
  const wrong: ComponentName = 'loki.source.nothing'
  tap.notOk(components.has(wrong))
  tap.end()
})
