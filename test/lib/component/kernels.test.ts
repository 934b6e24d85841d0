/** Kernels: whatever bytes come and whatever stages they go through, columns and entries end up the same. */
import fc from 'fast-check'
import t from 'tap'
import { runPath, type Path } from '../../support/two-paths.ts'

const line = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          '|',
          '1',
          '250',
          'GET',
          'a b',
          ' ',
          'é',
          '漢',
          '"',
          '=',
          'level',
          'x=1',
          '{',
          '}',
          ':',
          ',',
          '\\',
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom('\r', '\t', '\0', '😀', '1m30s', '1e3', 'null', 'true', '-1') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(Buffer.from([0xff]), Buffer.from([0xe6, 0xbc]), Buffer.from([0xc0, 0x80])),
      },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))))

const usual = fc
  .tuple(fc.constantFrom('GET', 'POST', 'é'), fc.nat(2000), fc.constantFrom('OK', 'FAILED', ''), fc.nat(3))
  .map(([method, ms, status, level]) =>
    Buffer.from(
      level === 3
        ? `{"method":"${method}","ms":${ms},"status":"${status}","level":null,"a":{"b":[1.50,"x\\n"]}}`
        : `${method}|${ms}|${status}|some text`,
    ),
  )

const other = fc
  .constantFrom(
    '2026-01-02T03:04:05.678Z stdout F GET|1|OK|x',
    '2026-01-02T03:04:05.678901234+01:00 stderr F {"ms":5}',
    '2026-01-02T03:04:05Z stdout P half ',
    '2026-01-02T03:04:05Z stdout P hälf ',
    '2026-01-02T03:04:06Z stdout F and the rest',
    '2026-01-02T03:04:06Z stderr P other half ',
    'today stderr no flag',
    '1\u0085 stdout F x',
    '1 stdouT F x',
    '1 stdout',
    '1 stderr F',
    'level=info x="a b" ms=12 status=',
    'x="a \\"b\\"" level=warn x=2',
    'level x= x=3 =4 ms=5',
    'a=b"c level=no',
    'x=1 "open',
    'é=1 level=\ufffd x=漢',
    '{"ms": 1.50, "method":"a\\tb", "status": -0, "level": true, "a":{"b":"x","b":{}}}',
    '{"ms":12345678901234567890,"level":[1,{"x":"}"}],"a":{"b":7},"a":1}',
    '{"ms":1e3,"app":"\\u00e9"} ',
    '{"app":null,"method":"","status":"OK"}x',
    '{"a":{"b":"é漢"},"ms":0,"app":"漢"}',
    'x="a\\nb\\"c" ms=7',
    'other="a\\nb\\"c" x=7 y="\\/\\\\" level=warn',
    'other="a\\qb" x=7',
    'other="a\\u00e9" x=8',
    'other="a\tb\\n" x=9',
    'other="a\tb" x=9 y="open\\"',
    ...[
      '0.5',
      '-0.25',
      '0.05',
      '0.0000001',
      '10.50',
      '1.25',
      '0',
      '-0',
      '0.0',
      '-7',
      '123456789.0123456',
      '100',
    ].map((ms) => `{"ms":${ms},"level" : "\\u0041" , "status":[ ]}`),
    'null',
    '{}',
  )
  .map((text) => Buffer.from(text))

const names = ['method', 'ms', 'status', 'level', 'app']

const stage = fc.constantFrom(
  `stage.regex { expression = "^(?P<method>\\\\S+)\\\\|(?P<ms>\\\\d+)\\\\|(?P<status>[^|]*)\\\\|" }`,
  `stage.regex { expression = "^(?P<method>\\\\S+)\\\\|(?P<ms>\\\\d+)\\\\|(?P<status>\\\\S*)\\\\|(?P<level>.*)$" }`,
  `stage.regex { expression = "(?P<level>\\\\w+) (?P<ms>\\\\w+)" }`,
  `stage.regex {
    expression = "^(?P<level>[A-Z]+)"
    source = "method"
  }`,
  `stage.regex {
    expression = "(?P<app>[a-z]+)"
    labels_from_groups = true
  }`,
  ...names.map((name) => `stage.labels { values = { ${name} = "" } }`),
  `stage.labels { values = { method = "", status = "", other = "ms" } }`,
  `stage.static_labels { values = { app = "fixed", level = "none" } }`,
  `stage.match {
    selector = "{app=~\\".+\\"}"
    stage.static_labels { values = { picked = "yes" } }
    stage.labels { values = { status = "", kind = "app" } }
  }`,
  `stage.match {
    selector = "{status!=\\"OK\\"} |~ \\"[0-9]\\""
    stage.match {
      selector = "{method=\\"POST\\"}"
      action = "drop"
    }
    stage.regex { expression = "^(?P<status>[^|]+)" }
  }`,
  `stage.match {
    selector = "{method=\\"GET\\"}"
    action = "drop"
  }`,
  `stage.metrics {
    metric.histogram {
      name = "ms"
      buckets = [10, 100, 1000]
    }
    metric.counter {
      name = "ok"
      source = "status"
      value = "OK"
      action = "inc"
    }
    metric.counter {
      name = "bytes"
      match_all = true
      count_entry_bytes = true
      action = "add"
    }
    metric.counter {
      name = "sum"
      source = "ms"
      action = "add"
    }
    metric.gauge {
      name = "last"
      source = "level"
      action = "set"
    }
  }`,
  `stage.json { expressions = { method = "", ms = "", status = "", level = "", b = "a.b" } }`,
  `stage.logfmt { mapping = { level = "x", ms = "level" } }`,
  `stage.output { source = "status" }`,
  `stage.structured_metadata { values = { ms = "", app = "" } }`,
  `stage.drop {
    source = "ms"
    expression = "5$"
  }`,
  `stage.drop { expression = "[{]" }`,
  `stage.cri {}`,
  `stage.cri { max_partial_lines = 4 }`,
  `stage.cri {
    max_partial_line_size = 9
    max_partial_line_size_truncate = true
  }`,
  `stage.label_keep { values = ["app", "method"] }`,
  `stage.drop {
    source = "level,ms"
    separator = "-"
    value = "-5"
  }`,
  `stage.json {
    expressions = { app = "", ms = "" }
    drop_malformed = true
  }`,
  `stage.logfmt {
    mapping = { status = "", other = "x" }
    source = "status"
  }`,
  `stage.drop { longer_than = "20B" }`,
  `stage.timestamp {
    source = "ms"
    format = "UnixMs"
  }`,
  `stage.label_drop { values = ["app"] }`,
  `stage.template {
    source = "app"
    template = "{{ .Entry }}-{{ .ms }}"
  }`,
  `stage.template {
    source = "status"
    template = "{{ if .Value }}{{ .method }}é{{ end }}"
  }`,
  `stage.replace {
    source = "method"
    expression = "([A-Z]+)"
    replace = "<{{ .Value }}{{ .status }}>"
  }`,
  `stage.replace {
    expression = "(\\\\d)|(\\\\{)"
    replace = "{{ .ms }}ä"
  }`,
  `stage.replace {
    expression = "(?P<level>[a-z]+)"
    replace = "{{ .Value | ToUpper }}"
  }`,
  `stage.template {
    source = "level"
    template = "{{ .Value | ToUpper }} {{ Replace .method \\"G\\" \\"é\\" -1 }}é{{ .status }}{{ TrimPrefix .ms \\"1\\" }}"
  }`,
  `stage.template {
    source = "app"
    template = "{{ TrimPrefix .method \\"\\\\xc3\\" }}{{ .Entry | ToLower }}"
  }`,
  `stage.template {
    source = "ms"
    template = "{{ .status }}{{ .status }}"
  }`,
  `stage.replace {
    expression = "\\\\|(\\\\d+)\\\\|"
    replace = "né"
  }`,
  `stage.replace {
    source = "app"
    expression = "G((E)(T*))"
    replace = "-"
  }`,
  `stage.replace { expression = "\\"(m)s\\":(.*)" }`,
  `stage.drop { expression = "^GET\\\\|\\\\d+\\\\|OK" }`,
  `stage.drop {
    source = "method"
    expression = "^[A-Z]+$"
  }`,
  `stage.drop {
    source = "status"
    value = "OK"
  }`,
  `stage.structured_metadata { values = { ms = "level", level = "", other = "ms" } }`,
  `stage.output { source = "app" }`,
  `stage.output { source = "ms" }`,
)

void t.test('columns and entries agree on random pipelines and bytes', async (tap) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(stage, { minLength: 1, maxLength: 6 }),
      fc.array(fc.oneof(line, usual, other), { maxLength: 12 }),
      async (stages, lines) => {
        const text = stages.join('\n')
        const run = async (path: Path): Promise<string> =>
          JSON.stringify(await runPath(text, lines, path), undefined, 1)
        const expected = await run('entries')
        for (const path of ['columns', 'views'] as const) {
          const found = await run(path)
          if (found !== expected) throw new Error(`${path}: ${found}\nentries: ${expected}\n${text}`)
        }
      },
    ),
    { numRuns: 100 },
  )
  tap.end()
})
