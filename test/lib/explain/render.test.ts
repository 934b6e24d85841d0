import t from 'tap'
import { explainLine } from '../../../lib/explain/line.ts'
import { renderSteps } from '../../../lib/explain/render.ts'

async function render(pipeline: string, line: string, labels = {}, colour = false): Promise<string[]> {
  const [found] = await explainLine({ pipeline, line, labels })
  return renderSteps(found!.entry, found!.steps, { colour }).split('\n')
}

void t.test('carets stand under the part and the place', async (tap) => {
  const cases: [string, string][] = [
    ['ab\\d', 'abx'],
    ['\t\\w\\d', '\tax'],
    ['\u{1d4b3}\\d', '\u{1d4b3}x'],
    ['ab\t\\d', 'ab\tx'],
  ]
  for (const [pattern, line] of cases) {
    const lines = await render(`stage.regex { expression = ${JSON.stringify(`(?P<a>#)|${pattern}`)} }`, line)
    tap.ok(
      lines.some((each) => each.includes('does not match')),
      pattern,
    )
    const parts = await render(`stage.regex { expression = ${JSON.stringify(`${pattern}(?P<n>y)?`)} }`, line)
    const at = parts.findIndex((each) => each.startsWith('   pattern  '))
    for (const [text, carets, failed] of [
      [parts[at]!, parts[at + 1]!, '\\d'],
      [parts[at + 2]!, parts[at + 3]!, 'x'],
    ] as const) {
      const lead = [...carets.slice(0, carets.indexOf('^'))].length
      tap.equal([...text].slice(lead).join('').startsWith(failed), true, `${pattern}: ${failed}`)
      tap.equal(carets.split('^')[0]!.includes('\t'), text.split(failed)[0]!.includes('\t'), 'tabs stay tabs')
    }
  }
  const wide = await render('stage.regex { expression = "😀(?P<n>\\\\d)" }', '😀x')
  const at = wide.findIndex((each) => each.startsWith('   pattern  '))
  tap.equal(wide[at + 1], '              ^^^^^^^^^ this part failed', 'two columns for a picture')
  tap.equal(wide[at + 3], '              ^ at character 2')
})

void t.test('what each stage changed', async (tap) => {
  const lines = await render(
    `stage.json { expressions = { level = "" } }
stage.labels { values = { level = "" } }
stage.label_drop { values = ["app"] }
stage.structured_metadata { values = { trace = "level" } }
stage.timestamp {
  source = "level"
  format = "Unix"
}
stage.output { source = "level" }
stage.docker { }`,
    '{"level":"1"}',
    { app: 'a' },
  )
  const text = lines.join('\n')
  for (const part of [
    '1. stage.json  pipeline:1\n   extracted + level="1"\n',
    '2. stage.labels  pipeline:2\n   label     + level="1"\n',
    '3. stage.label_drop  pipeline:3\n   label     - app="a"\n',
    'metadata  + trace="1"',
    ' -> 1970-01-01T00:00:01Z\n',
    '6. stage.output  pipeline:9\n   line      1\n',
    '7. stage.docker  pipeline:10\n   no change\n',
    'result  1\nlabels  {}\ntime    1970-01-01T00:00:01Z\n',
  ])
    tap.match(text, part)
})

void t.test('an entry that goes no further', async (tap) => {
  const dropped = (await render('stage.drop { expression = "x" }', 'x')).join('\n')
  tap.match(dropped, '   dropped: drop_stage\n')
  tap.match(dropped, /\ndropped by stage\.drop \(drop_stage\)\n$/)
  const held = (await render('stage.multiline { firstline = "^a" }', 'a')).join('\n')
  tap.match(held, '   held: waits for more lines\n')
  tap.match(held, /\nheld by stage\.multiline\n$/)
})

void t.test('a match: its selector, and its stages set in', async (tap) => {
  const pipeline =
    'stage.match {\n  selector = "{a=\\"b\\"} |= \\"x\\""\n  stage.static_labels { values = { a = "c" } }\n}'
  tap.match(
    (await render(pipeline, 'x', { a: 'b' })).join('\n'),
    '   matches  a="b"  the label is "b"\n   matches  |= "x"\n   1.1. stage.static_labels  pipeline:3\n      label     + a="c" (was "b")\n',
  )
  tap.match((await render(pipeline, 'y', { a: 'b' })).join('\n'), '   fails    |= "x"\n   no change\n')
})

void t.test('colour only when asked for, and no control characters of the line', async (tap) => {
  const plain = await render('stage.docker { }', 'a\u001b[31m')
  tap.notMatch(plain.join('\n'), /\u001b/)
  const coloured = await render('stage.docker { }', 'a\u001b[31m', {}, true)
  tap.match(coloured.join('\n'), '\u001b[1m1. stage.docker\u001b[22m')
  tap.notMatch(coloured.join('\n'), '\u001b[31m')
})

void t.test('entries that a line was split into', async (tap) => {
  const lines = await render('stage.split_json { }', '[{"a":1},{"a":2}]')
  tap.match(
    lines.join('\n'),
    /entry 1 of 2\n {3}line {6}\{"a":1\}\n {3}entry 2 of 2\n {3}line {6}\{"a":2\}\n/,
  )
  tap.equal(lines.filter((each) => each.startsWith('result')).length, 2)
})
