import t from 'tap'
import { Entry } from '../../../lib/flow/entry.ts'
import { explainEntry, type StageStep } from '../../../lib/explain/explain.ts'
import { snapshot } from '../../../lib/flow/snapshot.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { readPipeline } from '../../../lib/run/plan/pipeline-text.ts'
import { Bench } from '../../support/stage-run.ts'

async function steps(text: string, line: string, labels: Record<string, string> = {}): Promise<StageStep[]> {
  const { specs } = readPipeline({ name: 'pipeline', text }, new Map())
  return await explainEntry(specs, new Entry(0, 0, line, labelSet(labels)), new Bench().ctx)
}

void t.test('an entry at one moment', (tap) => {
  const entry = new Entry(1, 500_000_000, 'x', labelSet({ a: 'b' }))
  entry.structuredMetadata = [['trace', '1']]
  entry.extracted.set('n', 2)
  tap.same(snapshot(entry), {
    line: 'x',
    timestamp: '1970-01-01T00:00:01.5Z',
    labels: { a: 'b' },
    structured_metadata: { trace: '1' },
    extracted: { a: 'b', n: 2 },
  })
  tap.end()
})

void t.test('every stage works on what the one before left', async (tap) => {
  const pipeline = `stage.static_labels { values = { a = "1" } }
stage.template {
  source   = "b"
  template = "{{ .a }}{{ .Value }}"
}
stage.labels { values = { b = "" } }`
  tap.match(await steps(pipeline, 'x', { a: '0' }), [
    {
      stage: 'static_labels',
      place: 'pipeline:1',
      before: { labels: { a: '0' } },
      after: [{ labels: { a: '1' } }],
    },
    { stage: 'template', place: 'pipeline:2', before: { labels: { a: '1' } } },
    { stage: 'labels', place: 'pipeline:6', outcome: 'passed' },
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
