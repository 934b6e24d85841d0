/** `--logs-only`: what is left out with a warning, and what is an error since logs depend on it. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const SCRAPE = `
discovery.kubelet "pods" { }
discovery.relabel "pods" {
  targets = discovery.kubelet.pods.targets
  rule {
    target_label = "x"
    replacement  = "y"
  }
}
prometheus.scrape "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [prometheus.remote_write.default.receiver]
}
prometheus.remote_write "default" { }
tracing { write_to = [otelcol.exporter.otlp.x.input] }
otelcol.exporter.otlp "x" { }
`
const LOGS = `
loki.process "p" { forward_to = [loki.echo.e.receiver] }
loki.echo "e" { }
`

void t.test('what is not about logs is left out, with what only serves it', async (tap) => {
  const { check } = bench(tap)
  tap.same((await check(`${SCRAPE}${LOGS}`)).sort(), [
    "c:10:1 prometheus.scrape.pods is left out: it isn't about logs",
    "c:14:1 prometheus.remote_write.default is left out: it isn't about logs",
    "c:15:1 tracing is left out: it needs otelcol.exporter.otlp.x, which isn't about logs",
    "c:16:1 otelcol.exporter.otlp.x is left out: it isn't about logs",
    "c:2:1 discovery.kubelet.pods is left out: it isn't about logs",
    "c:3:1 discovery.relabel.pods is left out: it needs discovery.kubelet.pods, which isn't about logs",
  ])
  tap.same(await check(LOGS), [])
})

void t.test('logs that depend on it are an error, at the reference', async (tap) => {
  const { check } = bench(tap)
  const found = await check(`
discovery.ec2 "all" { }
discovery.relabel "all" { targets = discovery.ec2.all.targets }
otelcol.receiver.loki "x" { output { logs = [otelcol.processor.filter.x.input] } }
otelcol.processor.filter "x" { }
loki.source.file "f" {
  targets    = discovery.relabel.all.output
  forward_to = [loki.echo.e.receiver]
}
loki.echo "e" { }`)
  tap.same(
    found.filter((each) => !each.includes('left out:')),
    [
      'c:4:46 otelcol.receiver.loki.x needs otelcol.processor.filter.x, which --logs-only leaves out: remove this reference',
      'c:7:16 loki.source.file.f needs discovery.relabel.all, which --logs-only leaves out: remove this reference',
    ],
  )
})

const OTEL = `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:0" }
  output {
    metrics = [otelcol.processor.batch.both.input]
    logs    = [otelcol.processor.batch.both.input]
    traces  = [otelcol.processor.batch.traces.input]
  }
}
otelcol.processor.batch "both" {
  output {
    metrics = [otelcol.exporter.prometheus.x.input]
    logs    = [otelcol.exporter.loki.x.input]
  }
}
otelcol.processor.batch "traces" { output { traces = [otelcol.exporter.otlp.x.input] } }
otelcol.exporter.otlp "x" { }
otelcol.exporter.prometheus "x" { forward_to = [] }
otelcol.exporter.loki "x" { forward_to = [] }
`

void t.test('of an otelcol component only the outputs for logs stay', async (tap) => {
  tap.same((await bench(tap).check(OTEL)).sort(), [
    "c:12:5 metrics of otelcol.processor.batch.both is left out: it isn't about logs",
    "c:16:1 otelcol.processor.batch.traces is left out: it isn't about logs",
    "c:17:1 otelcol.exporter.otlp.x is left out: it isn't about logs",
    "c:18:1 otelcol.exporter.prometheus.x is left out: it isn't about logs",
    "c:5:5 metrics of otelcol.receiver.otlp.in is left out: it isn't about logs",
    "c:7:5 traces of otelcol.receiver.otlp.in is left out: it isn't about logs",
  ])
  const without = await supervised(tap).check(OTEL)
  tap.match(
    without.join('\n'),
    /c:5:15 metrics: logstream only handles logs: remove this, or start with --logs-only/,
  )
  tap.match(without.join('\n'), /does not have otelcol.exporter.prometheus/)
  const empty = 'output {\nlogs = [otelcol.exporter.loki.x.input]\nmetrics = []\n}'
  const good = `otelcol.processor.batch "b" {\n${empty}\n}\notelcol.exporter.loki "x" { forward_to = [] }`
  tap.same(await supervised(tap).check(good), [], 'an empty list is fine')
})

void t.test('modules, and instances of them', async (tap) => {
  const { check } = bench(tap)
  const module = `
declare "targets" {
  discovery.kubelet "x" { }
  export "output" { value = discovery.kubelet.x.targets }
  export "fine" { value = "fine" }
}
declare "scrape" {
  argument "targets" { }
  prometheus.scrape "x" { targets = argument.targets.value }
}
declare "logs" {
  argument "targets" { }
  loki.source.file "x" {
    targets    = argument.targets.value
    forward_to = []
  }
}
targets "t" { }
`
  const errors = async (text: string): Promise<string[]> =>
    (await check(module + text)).filter((each) => !each.includes('left out:'))
  tap.same(await errors('scrape "s" { targets = targets.t.output }'), [])
  tap.same(await errors('logs "l" { targets = [{ __path__ = targets.t.fine }] }'), [])
  tap.same(await errors('logs "l" { targets = targets.t.output }'), [
    'c:19:22 logs.l needs targets.t.output, which --logs-only leaves out: remove this reference',
  ])
})

void t.test('without the flag they are refused; unknown names always are', async (tap) => {
  tap.match(await supervised(tap).check('prometheus.scrape "x" { }'), [
    /logstream does not have prometheus.scrape/,
  ])
  tap.match(await bench(tap).check('prometeus.scrape "x" { }'), [/there is no component "prometeus.scrape"/])
  tap.match(await bench(tap).check('loki.source.windowsevent "x" { }'), [
    /does not have loki.source.windowsevent/,
  ])
})

function bench(tap: Parameters<typeof supervised>[0]): { check: (text: string) => Promise<string[]> } {
  const supervisor = supervised(tap)
  return { check: (text) => supervisor.check(text, { logsOnly: true }) }
}
