import t from 'tap'
import type { LabelFilter } from '../../../../lib/logql/syntax/ast.ts'
import { cursorOver } from '../../../../lib/logql/syntax/cursor.ts'
import {
  numberOf,
  parseLabelFilter,
  parseNumber,
  parseSelector,
  parseStages,
} from '../../../../lib/logql/syntax/parse-stages.ts'

/** The stages without their places. */
function stages(text: string): Record<string, unknown>[] {
  return parseStages(cursorOver(text)).map((stage) =>
    Object.fromEntries(Object.entries(stage).filter(([name]) => name !== 'start' && name !== 'end')),
  )
}

/** The filter with its structure in parentheses. */
function shape(filter: LabelFilter): string {
  if (filter.kind === 'and' || filter.kind === 'or')
    return `(${shape(filter.left)} ${filter.kind} ${shape(filter.right)})`
  return filter.kind === 'match' ? filter.matcher.name : filter.name
}

void t.test('selectors', (tap) => {
  tap.same(parseSelector(cursorOver('{ a = "b" , c!~`d\\` }')), [
    { name: 'a', operator: '=', value: 'b' },
    { name: 'c', operator: '!~', value: 'd\\' },
  ])
  tap.same(parseSelector(cursorOver('{}')), [])
  for (const bad of ['{a="b",}', '{a="b"', '{a}', '{"a"="b"}', '{a>"b"}', '{by="x"}', '{a="b" c="d"}'])
    tap.throws(() => parseSelector(cursorOver(bad)), { name: 'LogqlError' }, bad)
  tap.end()
})

void t.test('stages', (tap) => {
  tap.same(stages('|= "a" or "b" != "c" or ip("::1") | json'), [
    {
      kind: 'line_filters',
      filters: [
        {
          operator: '|=',
          operands: [
            { ip: false, text: 'a' },
            { ip: false, text: 'b' },
          ],
        },
        { operator: '!=', operands: [{ ip: false, text: 'c' }] },
        { operator: '!=', operands: [{ ip: true, text: '::1' }] },
      ],
    },
    { kind: 'json', extractions: [] },
  ])
  tap.same(stages('| logfmt --strict a, b="c" | drop x, y!="z" | keep x'), [
    {
      kind: 'logfmt',
      strict: true,
      keepEmpty: false,
      extractions: [
        { name: 'a', expression: 'a' },
        { name: 'b', expression: 'c' },
      ],
    },
    { kind: 'drop', choices: ['x', { name: 'y', operator: '!=', value: 'z' }] },
    { kind: 'keep', choices: ['x'] },
  ])
  tap.same(stages('| label_format a=b, c="{{.d}}" | unpack | decolorize'), [
    {
      kind: 'label_format',
      formats: [
        { name: 'a', kind: 'rename', from: 'b' },
        { name: 'c', kind: 'template', template: '{{.d}}' },
      ],
    },
    { kind: 'unpack' },
    { kind: 'decolorize' },
  ])
  for (const bad of [
    '|',
    '| jsonn',
    '| by',
    '| line_format a',
    '| label_format a',
    '| drop',
    '|= a',
    '| a',
    '| a >',
  ])
    tap.throws(() => stages(bad), { name: 'LogqlError' }, bad)
  tap.end()
})

void t.test('label filters', (tap) => {
  for (const [text, expected] of [
    ['a=1 or b=2 and c=3', '(a or (b and c))'],
    ['a=1 and b=2 or c=3', '((a and b) or c)'],
    ['a=1, b=2 or c=3', '(a and (b or c))'],
    ['a=1 or b=2, c=3', '(a or (b and c))'],
    ['a=1 b=2 c=3', '(a and (b and c))'],
    ['(a=1 or b=2) and c=3', '((a or b) and c)'],
  ] as const)
    tap.equal(shape(parseLabelFilter(cursorOver(text), 0)), expected, text)
  for (const [text, expected] of [
    ['a == 1.5', { kind: 'number', name: 'a', operator: '==', value: 1.5 }],
    ['a = -1', { kind: 'number', name: 'a', operator: '==', value: -1 }],
    ['a != 1h3m', { kind: 'duration', name: 'a', operator: '!=', value: 3.78e12 }],
    ['a <= 1.5MiB', { kind: 'bytes', name: 'a', operator: '<=', value: 1_572_864 }],
    ['a != ip("::1")', { kind: 'ip', name: 'a', operator: '!=', pattern: '::1' }],
    ['duration =~ "x"', { kind: 'match', matcher: { name: 'duration', operator: '=~', value: 'x' } }],
  ] as const)
    tap.same(parseLabelFilter(cursorOver(text), 0), expected, text)
  for (const bad of ['a', 'a =~ 1', 'a > "x', 'a > x', 'a = 1x', 'a > ip("::1")', '(a=1'])
    tap.throws(() => parseLabelFilter(cursorOver(bad), 0), { name: 'LogqlError' }, bad)
  tap.throws(() => parseLabelFilter(cursorOver('a=1,'.repeat(2000) + 'a=1'), 0), /levels|operators/)
  tap.end()
})

void t.test('numbers', (tap) => {
  tap.same(
    ['1', '+2.5', '-1e3', '.5'].map((text) => parseNumber(cursorOver(text))),
    [1, 2.5, -1000, 0.5],
  )
  tap.throws(() => numberOf(cursorOver('0x1f').tokens[0]!), /decimal/)
  tap.end()
})
