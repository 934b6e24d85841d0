import t from 'tap'
import { explainEntries } from '../../../../lib/admin/failures/explain-entries.ts'
import { readPipeline } from '../../../../lib/run/plan/pipeline-text.ts'

function running(stages: string): Parameters<typeof explainEntries>[1] {
  const { specs } = readPipeline({ name: 'p', text: stages }, new Map())
  return { of: () => 'p', chain: () => [{ id: 'p', specs }] }
}

const entries = (count: number): { line: string; labels: Record<string, string> }[] =>
  Array.from({ length: count }, (_, i) => ({ line: `line ${i}`, labels: { a: 'b' } }))

void t.test('a stage that waits does not hold up the answer', async (tap) => {
  const slow = running('stage.limit {\nrate = 0.1\nburst = 1\n}')
  const began = Date.now()
  const answer = await explainEntries({ entries: entries(5), selector: '{a="b"}' }, slow, 200)
  tap.ok(Date.now() - began < 3000)
  tap.match(answer, { skipped: 4, groups: [{ entries: [0] }] })
})

void t.test('what a selector did not pick, where no expression failed', async (tap) => {
  const json = running(
    'stage.json { expressions = {level = ""} }\nstage.labels { values = {level = ""} }\nstage.match {\nselector = "{level=~\\".+\\"}"\nstage.static_labels { values = {a = "c"} }\n}',
  )
  const lines = [{ line: '{"level":"info"}', labels: { a: 'b' } }, ...entries(2)]
  const { passed, groups } = await explainEntries({ entries: lines, selector: '{a="b"}' }, json)
  tap.equal(passed, 1)
  tap.match(groups, [
    {
      entries: [1, 2],
      at: { stage: '3.match', selector: [{ part: 'level=~".+"', matched: false, found: '' }] },
    },
  ])
})

void t.test('of several formats, the one that a line came closest to', async (tap) => {
  const two = running(
    'stage.regex { expression = "^(?P<a>\\\\w+)=(?P<b>\\\\d+)$" }\nstage.regex { expression = "^(?P<a>\\\\w+) (?P<b>\\\\d+) (?P<c>\\\\d+)$" }',
  )
  const { groups } = await explainEntries(
    {
      entries: [
        { line: 'x 1 y', labels: { a: 'b' } },
        { line: 'x=y', labels: { a: 'b' } },
      ],
      selector: '{a="b"}',
    },
    two,
  )
  tap.same(
    groups.map(({ at, entries: of }) => [at?.stage, of]),
    [
      ['2.regex', [0]],
      ['1.regex', [1]],
    ],
  )
})

void t.test('many lines that fail at the same place are one group', async (tap) => {
  const fields = String.raw`^(?P<date>\\S+)\\|(?P<start>\\S+)\\|(?P<end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$`
  const stages = running(`stage.regex { expression = "${fields}" }\nstage.labels { values = {method = ""} }`)
  const lines = Array.from({ length: 200 }, (_, i) => ({
    line: `2025-12-26|21:45:32.123|21:45:32.373|slow${i}|TRANSFER|Transfer|SUCCESS|200`,
    labels: { a: 'b' },
  }))
  const { groups } = await explainEntries({ entries: lines, selector: '{a="b"}' }, stages)
  tap.equal(groups.length, 1)
  tap.match(groups, [{ at: { regex: { progress: { found: 'slow0' } } } }])
})
