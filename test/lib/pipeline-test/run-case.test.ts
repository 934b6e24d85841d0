import { readFileSync } from 'node:fs'
import t from 'tap'
import { readCases } from '../../../lib/pipeline-test/case.ts'
import { compareCase } from '../../../lib/pipeline-test/compare.ts'
import { runCase } from '../../../lib/pipeline-test/run-case.ts'

const none = new Map()

void t.test('entries, metrics and the account', async (tap) => {
  const result = await runCase(
    {
      name: 'n',
      pipeline: `stage.regex { expression = "^(?P<level>\\\\w+)" }
        stage.labels { values = { level = "" } }
        stage.drop { expression = "secret" }
        stage.metrics { metric.counter {
          name = "lines"
          match_all = true
          action = "inc"
        } }`,
      input: [
        {
          line: 'warn a',
          timestamp: '2026-01-01T00:00:00.5Z',
          labels: { app: 'x' },
          structured_metadata: { trace: '1' },
        },
        { line: 'info secret' },
      ],
    },
    none,
  )
  tap.match(result, {
    entries: [
      {
        line: 'warn a',
        timestamp: '2026-01-01T00:00:00.5Z',
        labels: { app: 'x', level: 'warn' },
        structured_metadata: { trace: '1' },
      },
    ],
    metrics: /loki_process_custom_lines\{app="x",level="warn"\} 1/,
    internal_metrics: /loki_process_dropped_lines_total\{reason="drop_stage"\} 1/,
    ledger: '',
  })
})

void t.test('a refused pipeline says where', async (tap) => {
  tap.match(await runCase({ name: 'n', pipeline: 'stage.regex { expression = "(" }' }, none), {
    refused: /^n:1:15: error/,
  })
  tap.match(await runCase({ name: 'n', pipeline: 'stage.nope { }\nstage.drop { x = 1 }' }, none), {
    refused: /n:1:1: error[^]*n:2:14: error/,
  })
  tap.match(await runCase({ name: 'n', pipeline: 'stage {' }, none), { refused: /n:1:\d/ })
})

void t.test('the stages of a real config', async (tap) => {
  const folder = tap.testdir({
    'c.alloy': 'loki.process "p" {\n  forward_to = []\n  stage.static_labels { values = { a = "b" } }\n}',
  })
  const test = { name: 'n', config: 'c.alloy', component: 'loki.process.p', input: [{ line: 'l' }] }
  tap.match(await runCase(test, none, { folder }), { entries: [{ line: 'l', labels: { a: 'b' } }] })
})

void t.test('recorded counters of loki.process', async (tap) => {
  const file = 'fixtures/config/internal-metrics.json'
  for (const test of readCases(file, readFileSync(file, 'utf8')))
    tap.same(compareCase(test, await runCase(test, none)), [], test.name)
})
