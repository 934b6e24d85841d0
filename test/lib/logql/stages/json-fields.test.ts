/** What is found in the bytes of a line is what the json stage makes labels of. */
import t from 'tap'
import fc from 'fast-check'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { JsonFields } from '../../../../lib/logql/stages/json-fields.ts'
import { parseJsonLine } from '../../../../lib/logql/stages/json-stage.ts'
import { LabelBuilder } from '../../../../lib/logql/stages/label-builder.ts'

const FIELDS = ['s', 'v_x', 'list', '_1a']
const LINES: readonly string[] = [
  '{"s":"a","v.x":12}',
  ' { "s" : "a" , "s" : "b" } after',
  '{"s":null,"s":"second"}',
  '{"s":"","other":{"s":1},"list":[1,{"v_x":2}],"list":true}',
  String.raw`{"s":"q\"}","o":"\\","1a":-1.5e3}`,
  '{"s":"ä\u{1f600}","v x":false,}',
]
/** Those that the stage has to read: mistakes, escaped keys, objects that may hold a field. */
const LEFT: readonly string[] = [
  '',
  'text',
  '{"s":"a"',
  '{"s":a}',
  '{"s" "a"}',
  '{"v":{"x":1}}',
  String.raw`{"\u0073":"a"}`,
  '["s"]',
]

/** The raw values of fields, or `undefined` where the stage has to read the line. */
function scanned(line: string, fields = new JsonFields(FIELDS)): Record<string, string> | undefined {
  // Other bytes around it must not matter.
  const bytes = Buffer.from(`"${line}"}`)
  const size = Buffer.byteLength(line)
  if (!fields.scan(bytes, 1, 1 + size)) return undefined
  const found = FIELDS.flatMap((name, i): [string, string][] =>
    fields.starts[i]! < 0 ? [] : [[name, bytes.toString('utf8', fields.starts[i], fields.ends[i])]],
  )
  return Object.fromEntries(found)
}

/** What the stage makes of a line; the last name is never found, so that it reads all of it. */
function staged(line: string): { labels: Record<string, string>; error: string } {
  const hints = { noLabels: false, required: [...FIELDS, 'never'], preserveError: false }
  const labels = new LabelBuilder(labelSet({}), hints)
  parseJsonLine({ line, seconds: 0, nanos: 0, labels })
  return { labels: Object.fromEntries(labels.pairs()), error: labels.error }
}

void t.test('lines that are read', (t) => {
  for (const line of LINES) t.ok(scanned(line), line)
  t.same(scanned(LINES[3]!), { s: '', list: 'true' })
  for (const line of LEFT) t.equal(scanned(line), undefined, line)
  t.end()
})

void t.test('the same as the stage', (t) => {
  const value = fc.constantFrom(
    '"a"',
    '""',
    '1',
    '-0.5',
    'true',
    'null',
    '{"x":1}',
    '[1,"]"]',
    '"\ufffd"',
    'x',
    '"',
  )
  const key = fc.constantFrom('s', 'v.x', 'v', ' s ', '1a', 'list', 'other', '')
  const member = fc.tuple(key, value).map(([k, v]) => `"${k}":${v}`)
  const line = fc.oneof(
    fc.array(member, { maxLength: 5 }).map((members) => `{${members.join(',')}}`),
    fc
      .array(fc.constantFrom('{', '}', '"', ':', ',', 's', '\\', ' ', '[', ']', '1'), { maxLength: 12 })
      .map((all) => all.join('')),
    fc.constantFrom(...LINES, ...LEFT),
  )
  // What it remembers of keys and their order in other lines must not matter.
  const fields = new JsonFields(FIELDS)
  fc.assert(
    fc.property(line, (text) => {
      const found = scanned(text, fields)
      t.same(scanned(text), found, text)
      if (found === undefined) return
      const { labels, error } = staged(text)
      t.equal(error, '', text)
      const isPlain = Object.values(found).every((each) => !each.includes('\\') && !each.includes('\ufffd'))
      if (isPlain) t.same(found, labels, text)
      else t.same(Object.keys(found).sort(), Object.keys(labels).sort(), text)
    }),
    { numRuns: 1000 },
  )
  t.end()
})
