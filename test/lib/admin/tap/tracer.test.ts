import t from 'tap'
import type { Trace } from '../../../../lib/admin/tap/messages.ts'
import { Tracer } from '../../../../lib/admin/tap/tracer.ts'
import type { Stage } from '../../../../lib/component/component.ts'
import { StageTap } from '../../../../lib/flow/stage-tap.ts'
import { Batch } from '../../../../lib/flow/batch.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { buildStages } from '../../../../lib/registry.ts'
import { readPipeline } from '../../../../lib/run/plan/pipeline-text.ts'
import { Bench } from '../../../support/stage-run.ts'

interface Traced {
  readonly bench: Bench
  readonly stage: Stage
  readonly traces: Trace[]
  /** Sends entries through; what comes out has then left the component. */
  readonly run: (...entries: Entry[]) => Promise<Entry[]>
}

function traced(stages: string): Traced {
  const bench = new Bench()
  const tap = new StageTap()
  const { specs, diagnostics } = readPipeline({ name: 'p', text: stages }, new Map())
  if (diagnostics.length > 0) throw new Error(diagnostics[0]!.message)
  const stage = buildStages(specs, { ...bench.ctx, tap })
  const traces: Trace[] = []
  const tracer = new Tracer((trace) => traces.push(trace))
  tap.watch(tracer)
  return {
    bench,
    stage,
    traces,
    run: async (...entries) => {
      for (const entry of entries) tracer.follow(entry)
      const out = await stage.run(entries)
      tracer.out(new Batch(out))
      return out
    },
  }
}

const told = ({ end, steps }: Trace): string[] => [
  ...steps.map(
    ({ stage, outcome, reason, parts, changes }) =>
      `${stage} ${outcome}${reason === undefined ? '' : ` ${reason}`}${parts === undefined ? '' : ` x${parts}`}: ${changes.map(({ of, name, after }) => `${of} ${name}=${after}`).join(', ')}`,
  ),
  end,
]

void t.test('an entry through real stages, those of a match included', async (tap) => {
  const { bench, run, traces } = traced(`
    stage.regex { expression = "^(?P<level>[a-z]+) (?P<code>\\\\d+)" }
    stage.match {
      selector = "{app=\\"shop\\"}"
      stage.labels { values = {level = ""} }
      stage.static_labels { values = {seen = "yes"} }
    }
    stage.output { source = "code" }`)
  const out = await run(bench.entry('error 7', { app: 'shop' }), bench.entry('info', { app: 'other' }))
  tap.same(traces.map(told), [
    [
      '1.regex passed: extracted code=7, extracted level=error',
      '2.match passed: ',
      '2.match/1.labels passed: label level=error',
      '2.match/2.static_labels passed: label seen=yes',
      '3.output passed: line =7',
      'passed',
    ],
    ['1.regex passed: ', '2.match passed: ', '3.output passed: ', 'passed'],
  ])
  tap.match(traces[0], { number: 1, entry: { line: 'error 7', length: 7, labels: { app: 'shop' } } })
  tap.same(bench.account(out), { delivered: 2 }, 'what it owes is what it owed')
})

void t.test('drops tell their reason, also those inside of a match', async (tap) => {
  const { bench, run, traces } = traced(`
    stage.drop {
      value               = "a"
      source              = "app"
      drop_counter_reason = "not this one"
    }
    stage.match {
      selector = "{app=\\"b\\"}"
      stage.drop { longer_than = "1B" }
    }`)
  const out = await run(bench.entry('x', { app: 'a' }), bench.entry('long', { app: 'b' }))
  tap.same(traces.map(told), [
    ['1.drop dropped not this one: ', 'dropped'],
    ['1.drop passed: ', '2.match dropped drop_stage: ', '2.match/1.drop dropped drop_stage: ', 'dropped'],
  ])
  tap.same(bench.account(out), { 'dropped not this one': 1, 'dropped drop_stage': 1 })
})

void t.test('a split says into how many, and every part still owes', async (tap) => {
  const { bench, run, traces } = traced('stage.split_json { }')
  const out = await run(bench.entry('["a","b","c"]'))
  tap.same(traces.map(told), [['1.split_json passed x3: line ="a"', 'passed']])
  tap.equal(out.length, 3)
  tap.same(bench.account(out), { delivered: 1 })
})

void t.test('what is held is told, and again when it goes on', async (tap) => {
  const { bench, run, stage, traces } = traced(`
    stage.multiline { firstline = "^first" }
    stage.static_labels { values = {a = "b"} }`)
  await run(bench.entry('first'))
  tap.same(traces.map(told), [['1.multiline held: ', 'held']])
  const out = await run(bench.entry(' more'), bench.entry('first again'))
  tap.same(
    traces
      .slice(1)
      .filter(({ number }) => number === 1)
      .map(told),
    [['1.multiline held: ', '2.static_labels passed: label a=b', 'passed']],
  )
  out.push(...((await stage.flush?.()) ?? []))
  tap.same(bench.account(out), { delivered: 3 })
})

void t.test('entries that are not followed cost nothing and are left alone', async (tap) => {
  const { bench, stage, traces } = traced('stage.static_labels { values = {a = "b"} }')
  const entry = bench.entry('x')
  const { ack } = entry
  await stage.run([entry])
  tap.equal(entry.ack, ack)
  tap.same(traces, [])
  bench.account([entry])
})

void t.test('very long values are cut', async (tap) => {
  const { bench, run, traces } = traced('stage.replace {\nexpression = "(x+)"\nreplace = "y"\n}')
  await run(bench.entry('x'.repeat(1_000_000)))
  const [trace] = traces
  tap.equal(trace!.entry.length, 1_000_000)
  tap.ok(JSON.stringify(trace).length < 60_000)
  tap.match(trace!.steps[0]!.changes[0]!.before, /characters\)$/)
})
