import fc from 'fast-check'
import t from 'tap'
import { formatLabels, parseLabels, validLabelName } from '../../../lib/formats/label-text.ts'
import { validLegacyLabelName } from '../../../lib/telemetry/classic-names.ts'
import { anyText } from '../../support/any-text.ts'

void t.test('prints pairs as Loki does', async (t) => {
  t.equal(formatLabels([]), '{}')
  t.equal(formatLabels([['a', 'b']]), '{a="b"}')
  const pairs: [string, string][] = [
    ['a', 'x "y"\n'],
    ['b.c', 'Zürich\u200b'],
    ['empty', ''],
  ]
  t.equal(formatLabels(pairs), '{a="x \\"y\\"\\n", b.c="Zürich\\u200b", empty=""}')
})

void t.test('reads what Prometheus reads as a metric', async (t) => {
  const cases: [text: string, pairs: [string, string][]][] = [
    ['{}', []],
    [' { } ', []],
    ['{a="b"}', [['a', 'b']]],
    ['{b="2",a="1",}', [['a', '1'], ['b', '2']]], // prettier-ignore
    ['{a=\'it\', b=`raw\\n`} # end', [['a', 'it'], ['b', 'raw\\n']]], // prettier-ignore
    ['{a = "\\"\\u00e9\\x41\\\\"}', [['a', '"éA\\']]],
    [
      '{a="1", a="2"}',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['{"b.c"="d"}', [['b.c', 'd']]],
    ['{"name", a="b"}', [['__name__', 'name'], ['a', 'b']]], // prettier-ignore
    ['up:rate{a=""}', [['__name__', 'up:rate'], ['a', '']]], // prettier-ignore
    ['{a="}, b"}', [['a', '}, b']]],
  ]
  for (const [text, pairs] of cases) t.strictSame(parseLabels(text), pairs, text)
})

void t.test('refuses everything else', async (t) => {
  const texts = [
    '',
    'a="b"',
    '{',
    '{a}',
    '{a="b"',
    '{a="b"}}',
    '{a=b}',
    '{a!="b"}',
    '{,}',
    '{a="b",,}',
    '{1a="b"}',
  ]
  texts.push('{a="b" c="d"}', '{a="\n"}', '{a="\\q"}', '{""="x"}', '{a.b="c"}', '{a="b"} x', '{a=~"b"}')
  for (const text of texts) t.equal(parseLabels(text), undefined, text)
})

void t.test('tells label names', async (t) => {
  for (const name of ['a', '_', 'a1', 'A_b']) t.ok(validLabelName(name) && validLegacyLabelName(name), name)
  for (const name of ['1a', 'a.b', 'b c', 'größe', '"'])
    t.ok(validLabelName(name) && !validLegacyLabelName(name), name)
  for (const name of ['', 'a\ud800', '\udc00']) t.notOk(validLabelName(name) || validLegacyLabelName(name))
})

void t.test('reads back what it prints', async () => {
  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/)
  const pairs = fc
    .dictionary(name, anyText())
    .map((labels) => Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  fc.assert(
    fc.property(
      pairs,
      (labels) => formatLabels(parseLabels(formatLabels(labels)) ?? []) === formatLabels(labels),
    ),
  )
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom('{', '}', '"', "'", '`', '\\', 'x', '=', ',', '#', '\n', ' ', 'a', '9')
  fc.assert(
    fc.property(fc.string({ unit: pieces }), (text) =>
      [true, false].includes(parseLabels(text) === undefined),
    ),
  )
})
