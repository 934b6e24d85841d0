import t from 'tap'
import type { StageSpec } from '../../../lib/component/fields.ts'
import { createStage } from '../../../lib/component/stage.ts'
import { countedStage, StageCounts } from '../../../lib/component/stage-counts.ts'
import { componentDefinitions } from '../../../lib/components/index.ts'
import { stageDefinitions } from '../../../lib/registry.ts'
import { decodeInput } from '../../../lib/component/decode.ts'
import { Bench } from '../../support/stage-run.ts'

const spec = (name: string, input: object, stage?: readonly StageSpec[]): StageSpec => ({
  name,
  options: decodeInput(
    name,
    stageDefinitions.get(name)!.fields,
    stage === undefined ? input : { ...input, stage },
  ),
})

const SPECS = [
  spec('regex', { expression: '^(?P<level>\\w+)' }),
  spec('match', { selector: '{app="shop"} |= "x"' }, [
    spec('drop', { expression: 'debug', drop_counter_reason: 'chatty' }),
    spec('static_labels', { values: { a: 'b' } }),
  ]),
  spec('split_json', {}),
]

void t.test('every stage is counted by its path: entries in, out and dropped by reason', async (tap) => {
  const bench = new Bench()
  const stage = bench.ctx.stages(SPECS)
  const labels = { app: 'shop' }
  const out = await stage.run([
    bench.entry('x debug', labels),
    bench.entry('x info', labels),
    bench.entry('["p","q"]', {}),
  ])
  const rows = stage.rows!()
  tap.same(
    rows.map(({ stage: path, in: taken, out: given, dropped }) => [path, taken, given, dropped]),
    [
      ['1.regex', 3, 3, {}],
      ['2.match', 3, 2, {}],
      ['2.match/1.drop', 2, 1, { chatty: 1 }],
      ['2.match/2.static_labels', 1, 1, {}],
      ['3.split_json', 2, out.length, {}],
    ],
  )
  tap.ok(
    rows.every(({ seconds }) => seconds > 0),
    'the first batch is timed',
  )
  const text = bench.metrics()
  for (const line of [
    'logstream_stage_entries_in_total{stage="2.match/1.drop"} 2',
    'logstream_stage_entries_out_total{stage="2.match/1.drop"} 1',
    'logstream_stage_dropped_total{reason="chatty",stage="2.match/1.drop"} 1',
  ])
    tap.ok(text.includes(line), line)
  tap.match(text, /logstream_stage_seconds_total\{stage="1\.regex"\} \d/)
})

void t.test('what a stage ends later, or lets go later, counts too', async (tap) => {
  const bench = new Bench()
  const cri = bench.ctx.stages([spec('cri', {})])
  await cri.run([
    bench.entry('2026-01-02T03:04:05Z stdout P half'),
    bench.entry('2026-01-02T03:04:05Z stdout F end'),
  ])
  await cri.run([bench.entry('2026-01-02T03:04:05Z stdout P rest')])
  await cri.flush!()
  tap.match(cri.rows!(), [{ stage: '1.cri', in: 3, out: 1, dropped: { cri_partial_line: 1 } }])
  const multiline = bench.ctx.stages([spec('multiline', { firstline: '^a' })])
  await multiline.run(bench.entries('a1', ' b', 'a2'))
  tap.match(multiline.rows!(), [{ in: 3, out: 1 }])
  await multiline.flush!()
  tap.match(multiline.rows!(), [{ in: 3, out: 2 }])
})

void t.test('one run in 16 is timed and stands for those before it', (tap) => {
  const bench = new Bench()
  const counts = new StageCounts('slow')
  let runs = 0
  const stage = countedStage(
    {
      run: (entries) => {
        const until = performance.now() + 1
        while (performance.now() < until) runs++
        return entries
      },
    },
    counts,
  )
  for (let i = 0; i < 17; i++) void stage.run(bench.entries('x'))
  tap.ok(counts.seconds >= 0.017, `${counts.seconds} s for 17 ms`)
  void stage.run([])
  tap.same([counts.in, counts.out], [17, 17])
  tap.end()
})

void t.test('loki.process tells them in its status', (tap) => {
  const bench = new Bench()
  const process = componentDefinitions.find(({ name }) => name === 'loki.process')!
  const context = { ...bench.ctx, export: () => {}, modulePath: '', stability: 'experimental' as const }
  const component = process.create({ forward_to: [], stage: SPECS }, context)
  tap.match(component.status?.(), { stages: [{ stage: '1.regex', in: 0, out: 0, dropped: {}, seconds: 0 }] })
  component.input?.destroy()
  tap.end()
})

void t.test('no stage can be made without the wrapper', (tap) => {
  for (const [name, definition] of stageDefinitions) {
    const counts = new StageCounts(name)
    const stub = { ...definition, create: () => () => undefined }
    void createStage(stub, {}, new Bench().ctx, counts).run(new Bench().entries('a', 'b'))
    tap.same([counts.in, counts.out], [2, 2], name)
  }
  tap.end()
})
