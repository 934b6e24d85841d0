import t from 'tap'
import { fileText } from '../../../../lib/convert/promtail/alloy-text.ts'
import { Findings } from '../../../../lib/convert/promtail/findings.ts'
import { stageBlocks } from '../../../../lib/convert/promtail/stages.ts'
import { parseYaml } from '../../../../lib/go/yaml/tree.ts'

function converted(yaml: string): { text: string; findings: string[] } {
  const findings = new Findings({ name: 'stages', text: yaml })
  const { root } = parseYaml(yaml)
  const blocks = stageBlocks(root.kind === 'list' ? root.items : [root], findings)
  const text = fileText(blocks).replaceAll(/\s+/g, ' ').trim()
  return { text, findings: findings.all.map(({ severity, message }) => `${severity}: ${message}`) }
}

void t.test('options that are not given take the values of an empty config', async (t) => {
  const table: [yaml: string, text: string][] = [
    ['- cri:', 'stage.cri { }'],
    ['- cri: {max_partial_lines: 0, max_partial_line_size: 5}', 'stage.cri { max_partial_line_size = 5 }'],
    ['- docker: anything', 'stage.docker { }'],
    ['- regex:', 'stage.regex { expression = "" }'],
    ['- json: {Source: ""}', 'stage.json { source = "" }'],
    ['- replace: {expression: a}', 'stage.replace { expression = "a" }'],
    ['- sampling: {rate: 0}', 'stage.sampling { rate = 0 }'],
    ['- eventlogmessage: {source: ""}', 'stage.eventlogmessage { source = "" }'],
    ['- tenant: {value: a}', 'stage.tenant { value = "a" }'],
    ['- labels:', 'stage.labels { values = {} }'],
    ['- labeldrop: []', 'stage.label_drop { values = [] }'],
    ['- labelallow:', 'stage.label_keep { values = [] }'],
    ['- static_labels: {a: }', 'stage.static_labels { values = { a = null, } }'],
    ['- structured_metadata:', 'stage.structured_metadata { }'],
    ['- geoip: {db: x}', 'stage.geoip { db = "x" source = null }'],
    ['- multiline: {firstline: a, max_lines: 128, max_wait_time: 3s}', 'stage.multiline { firstline = "a" }'],
    ['- pack: {labels: [a], ingest_timestamp: true}', 'stage.pack { labels = ["a"] }'],
    [
      '- metrics: {a: {type: gauge, max_idle_duration: 5m, config: {action: SET}}}',
      'stage.metrics { metric.gauge { name = "a" action = "set" } }',
    ],
    ['- metrics: {a: {type: histogram}}', 'stage.metrics { metric.histogram { name = "a" buckets = [] } }'],
  ]
  for (const [yaml, text] of table) t.same(converted(yaml), { text, findings: [] }, yaml)
})

void t.test('some stages turn numbers and texts into each other', async (t) => {
  const table: [yaml: string, text: string][] = [
    [
      '- limit: {rate: "5.5", burst: 1e3, drop: "true"}',
      'stage.limit { rate = 5.5 burst = 1000 drop = true }',
    ],
    ['- drop: {value: true, expression: 0x10}', 'stage.drop { value = "1" expression = "16" }'],
    ['- drop: {source: [a, b], longer_than: 2048}', 'stage.drop { source = "a,b" longer_than = "2KiB" }'],
    ['- pack: {labels: a, ingest_timestamp: 0}', 'stage.pack { labels = ["a"] ingest_timestamp = false }'],
    ['- sampling: {rate: true}', 'stage.sampling { rate = 1 }'],
  ]
  for (const [yaml, text] of table) t.same(converted(yaml), { text, findings: [] }, yaml)
})

void t.test('a stage that cannot be converted is one error and left out', async (t) => {
  const table: [yaml: string, finding: RegExp][] = [
    ['- docker', /^critical: a stage must be a map/],
    ['- {a: 1, b: 2}', /^critical: a stage needs exactly one name, found 2/],
    ['- labls: {a: }', /^error: there is no stage "labls" to convert to\. Did you mean labels\?/],
    ['- pipeline: {}', /^error: there is no stage "pipeline"/],
    ['- regex: {expression: 5, source: [a]}', /^error: regex: expected a string .*; expected a string/],
    ['- regex: text', /^error: regex: expected a map of options, found "text"/],
    ['- labels: {a: 1}', /^error: labels: expected a string/],
    ['- labeldrop: a', /^error: labeldrop: expected a list, found "a"/],
    ['- cri: {max_partial_line_size: 64KB}', /^error: cri: expected a number/],
    ['- drop: {older_than: light year}', /^error: drop: older_than must be a duration/],
    ['- drop: {longer_than: 1.21GW}', /^error: drop: longer_than must be a size/],
    ['- drop: {source: {a: b}}', /^error: drop: source must be a string or a list of strings/],
    ['- drop: {source: [1]}', /^error: drop: source must be/],
    ['- template: {source: a, template: "{{ .Value "}', /^error: template: /],
    ['- match: {selector: a, stages: {cri: }}', /^error: match: stages must be a list/],
    ['- match: {selector: a, stages: [{shout: 1}]}', /^error: there is no stage "shout"/],
    [
      '- metrics: {a: {type: counter, config: {action: mul}}}',
      /^error: metric a: action must be one of inc, add/,
    ],
    [
      '- metrics: {a: {type: counter, config: {action: inc, match_all: true, value: x}}}',
      /only one of match_all/,
    ],
    ['- metrics: {a: {type: counter, config: {action: add, count_entry_bytes: true}}}', /needs match_all/],
    [
      '- metrics: {a: {type: counter, config: {action: inc, match_all: true, count_entry_bytes: true}}}',
      /needs the action add/,
    ],
    [
      '- metrics: {a: {type: gauge, config: {action: set}, max_idle_duration: soon}}',
      /max_idle_duration must be/,
    ],
    ['- metrics: [a]', /^error: metrics: expected a map/],
  ]
  for (const [yaml, finding] of table) {
    const { text, findings } = converted(`${yaml}\n- output: {source: x}`)
    t.equal(findings.length, 1, yaml)
    t.match(findings[0], finding)
    t.ok(text.endsWith('stage.output { source = "x" }'), yaml)
    t.notOk(/stage\.(?!output|match)/.test(text), yaml)
  }
})

void t.test("tells where Promtail's default gets lost", async (t) => {
  t.match(converted('- pack: {labels: [a]}'), {
    text: 'stage.pack { labels = ["a"] ingest_timestamp = false }',
    findings: [/^info: pack: ingest_timestamp/],
  })
  t.match(converted('- multiline: {firstline: a}'), {
    text: 'stage.multiline { firstline = "a" max_lines = 0 }',
    findings: [/^info: multiline: max_lines/],
  })
  t.match(converted('- metrics: {a: {type: summary}}'), {
    text: 'stage.metrics { }',
    findings: [/^info: metric a is left out/],
  })
})
