import t from 'tap'
import { explainChain, explainLine, type Explanation } from '../../../lib/explain/line.ts'
import { explainLine as published } from '../../../lib/index.ts'
import { readPipeline } from '../../../lib/run/pipeline-text.ts'

const steps = async (pipeline: string, line: string, labels = {}): Promise<Explanation['steps']> =>
  (await explainLine({ pipeline, line, labels }))[0]!.steps

void t.test('the library has it', (tap) => {
  tap.equal(published, explainLine)
  tap.end()
})

void t.test('before and after of every stage, with its place', async (tap) => {
  const pipeline =
    'stage.regex { expression = "^(?P<level>\\\\w+)" }\nstage.labels { values = { level = "" } }'
  tap.match(await explainLine({ pipeline, line: 'warn x', labels: { app: 'a' } }), [
    {
      component: 'loki.process',
      entry: { line: 'warn x', labels: { app: 'a' }, extracted: { app: 'a' } },
      steps: [
        { stage: 'regex', place: 'pipeline:1', outcome: 'passed', after: [{ extracted: { level: 'warn' } }] },
        {
          stage: 'labels',
          place: 'pipeline:2',
          before: { labels: { app: 'a' } },
          after: [{ labels: { app: 'a', level: 'warn' } }],
        },
      ],
    },
  ])
})

void t.test('what ends an entry, or holds it', async (tap) => {
  tap.match(await steps('stage.drop { expression = "x" }\nstage.docker { }', 'x'), [
    { stage: 'drop', outcome: 'dropped', reason: 'drop_stage', after: [] },
  ])
  const held = await steps('stage.multiline { firstline = "^a" }', 'abc')
  tap.match(held, [{ outcome: 'held', after: [] }])
  tap.equal(held[0]!.reason, undefined)
  const split = await steps('stage.split_json { }', '[{"a":1},{"a":2}]')
  tap.match(split, [{ outcome: 'passed', after: [{ line: '{"a":1}' }, { line: '{"a":2}' }] }])
})

void t.test('a regex that does not match', async (tap) => {
  tap.match(await steps('stage.regex { expression = "^a(\\\\d)" }', 'ax'), [
    { regex: { pattern: '^a(\\d)', subject: 'ax', progress: { from: 2, to: 6, at: 1 } } },
  ])
  const named = 'stage.regex {\n  expression = "(?P<x>y)"\n  source = "app"\n}'
  tap.match(await steps(named, 'y', { app: 'no' }), [{ regex: { subject: 'no' } }])
  tap.equal((await steps(named, 'y', { app: 'y' }))[0]!.regex, undefined)
  tap.match(await steps('stage.replace { expression = "(b)" }', 'a'), [{ regex: { pattern: '(b)' } }])
})

void t.test('selectors: each part before the stages of the match change anything', async (tap) => {
  const pipeline = `stage.match {
    selector = "{app=\\"a\\", env!=\\"p\\"} |= \\"x\\""
    stage.static_labels { values = { app = "b" } }
    stage.metrics { metric.counter {
      name      = "n"
      match_all = true
      action    = "inc"
    } }
  }`
  tap.match(await steps(pipeline, 'x', { app: 'a', env: 'q' }), [
    {
      selector: [
        { part: 'app="a"', matched: true, found: 'a' },
        { part: 'env!="p"', matched: true, found: 'q' },
        { part: '|= "x"', matched: true },
      ],
      inner: [
        { stage: 'static_labels', place: 'pipeline:3' },
        { stage: 'metrics', metrics: ['loki_process_custom_n 1'] },
      ],
      after: [{ labels: { app: 'b' } }],
    },
  ])
  const [missed] = await steps(pipeline, 'y', { app: 'a', env: 'p' })
  tap.match(missed!.selector, [{ matched: true }, { matched: false, found: 'p' }, { matched: false }])
  tap.equal(missed!.inner, undefined)
  const drop = 'stage.match {\n  selector = "{app=\\"a\\"}"\n  action = "drop"\n}'
  tap.match(await steps(drop, 'x', { app: 'a' }), [{ outcome: 'dropped', reason: 'match_stage' }])
})

void t.test('a config: from the source along forward_to', async (tap) => {
  const folder = tap.testdir({
    'c.alloy': `loki.source.file "f" {
  targets    = [{ __path__ = "/nowhere", job = "j" }]
  forward_to = [loki.process.a.receiver]
}
loki.process "a" { forward_to = [loki.process.b.receiver] }
loki.process "b" {
  forward_to = []
  stage.drop { expression = "secret" }
}`,
    'bad.alloy': 'loki.process "a" { }',
  })
  const config = `${folder}/c.alloy`
  tap.match(await explainLine({ config, line: 'x', labels: { a: 'b' } }), [
    { component: 'loki.process.a', entry: { labels: { job: 'j', a: 'b' } }, steps: [] },
    { component: 'loki.process.b', steps: [{ outcome: 'passed' }] },
  ])
  tap.equal((await explainLine({ config, component: 'b', line: 'x' })).length, 1)
  await tap.rejects(explainLine({ config, component: 'c', line: 'x' }), { code: 'BAD_INPUT' })
  await tap.rejects(explainLine({ config: `${folder}/bad.alloy`, line: 'x' }), {
    code: 'BAD_CONFIG',
    message: /bad\.alloy:1:1: error: missing required attribute "forward_to"/,
  })
  await tap.rejects(explainLine({ pipeline: 'stage.nope { }', line: 'x' }), { code: 'BAD_CONFIG' })
})

void t.test('what one component drops does not reach the next', async (tap) => {
  const { specs } = readPipeline({ name: 'p', text: 'stage.drop { expression = "x" }' }, new Map())
  const found = await explainChain(
    [
      { id: 'one', specs },
      { id: 'two', specs: [] },
    ],
    'x',
    {},
  )
  tap.same(
    found.map(({ component }) => component),
    ['one'],
  )
})
