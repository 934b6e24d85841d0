import t from 'tap'
import { explainChain, explainLine } from '../../../lib/explain/line.ts'
import { explainLine as published } from '../../../lib/index.ts'
import { readPipeline } from '../../../lib/run/plan/pipeline-text.ts'

void t.test('the library has it', async (tap) => {
  const given = { pipeline: 'stage.decolorize { }', line: 'x' }
  tap.match(await published(given), [{ component: (await explainLine(given))[0]!.component }])
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
