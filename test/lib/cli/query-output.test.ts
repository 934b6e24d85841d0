import t from 'tap'
import type { QueryPage } from '../../../lib/cli/query-client.ts'
import { queryOutput, type Format, type Screen } from '../../../lib/cli/query-output.ts'
import { PLAIN } from '../../../lib/formats/pen.ts'

const second = 1_000_000_000n
const lines: QueryPage = {
  kind: 'lines',
  data: { resultType: 'streams', result: [] },
  rows: [
    { time: second, labels: { a: '1' }, text: 'one' },
    { time: 2n * second, labels: { a: '1', b: 'x\u001b[0m' }, text: 'two\nthree' },
  ],
}
const numbers: QueryPage = {
  kind: 'numbers',
  data: { resultType: 'vector', result: [{ metric: { a: '1' }, value: [1, '2.5'] }] },
  rows: [{ time: second, labels: { a: '1' }, text: '2.5' }],
}

const PIPE: Screen = { terminal: false, width: 60, colour: false, pen: PLAIN }
const TERMINAL: Screen = { ...PIPE, terminal: true }

function write(format: Format | undefined, ...pages: QueryPage[]): string[] {
  return writeTo(PIPE, format, ...pages)
}

function writeTo(screen: Screen, format: Format | undefined, ...pages: QueryPage[]): string[] {
  const output = queryOutput(format, screen)
  return [...pages.map((page) => output.page(page)), output.end()]
}

void t.test('raw and jsonl are written as pages come', (t) => {
  t.strictSame(write('raw', lines, numbers), ['one\ntwo\nthree\n', '1970-01-01T00:00:01Z {a="1"} 2.5\n', ''])
  const [first, , end] = write('jsonl', numbers, lines)
  t.equal(first, '{"timestamp":"1970-01-01T00:00:01Z","labels":{"a":"1"},"value":"2.5"}\n')
  t.equal(end, '')
  t.end()
})

void t.test('json joins the streams of pages', (t) => {
  const [, , end] = write('json', lines, { ...lines, rows: [lines.rows[0]!] })
  const at = '1000000000'
  t.strictSame(JSON.parse(end!), {
    resultType: 'streams',
    result: [
      {
        stream: { a: '1' },
        values: [
          [at, 'one'],
          [at, 'one'],
        ],
      },
      { stream: { a: '1', b: 'x\u001b[0m' }, values: [['2000000000', 'two\nthree']] },
    ],
  })
  t.strictSame(JSON.parse(write('json', numbers).at(-1)!), numbers.data)
  t.strictSame(JSON.parse(write('json').at(-1)!), { resultType: 'streams', result: [] })
  t.end()
})

void t.test('a table says once what all rows share, and shows control characters', (t) => {
  t.equal(
    write('table', lines).at(-1),
    [
      '{a="1"}',
      'TIME                  b         LINE',
      '1970-01-01T00:00:01Z            one',
      '1970-01-01T00:00:02Z  x\\x1b[0m  two\\x0athree',
      '',
    ].join('\n'),
  )
  t.equal(write('table', numbers).at(-1), '{a="1"}\nTIME                  VALUE\n1970-01-01T00:00:01Z  2.5\n')
  t.equal(write('table').at(-1), 'nothing found\n')
  t.end()
})

void t.test('without --output: for people on a terminal, for programs elsewhere', (t) => {
  const [more] = writeTo(TERMINAL, undefined, lines)
  t.equal(
    more,
    '{a="1"}\n1970-01-01T00:00:01Z one\n1970-01-01T00:00:02Z {b="x\\x1b[0m"} two\\x0athree\n',
    'labels that all lines share are said once, and nothing talks to the terminal',
  )
  const other: QueryPage = { ...lines, rows: [{ time: 3n * second, labels: { b: '2' }, text: 'four' }] }
  t.equal(writeTo(TERMINAL, 'text', lines, other)[1], '1970-01-01T00:00:03Z {b="2", a=""} four\n')
  t.same(write(undefined, lines), write('raw', lines))
  t.same(write(undefined, numbers), write('table', numbers))
  t.same(writeTo(TERMINAL, undefined, numbers), writeTo(TERMINAL, 'chart', numbers))
  t.same(write(undefined), [''], 'nothing came')
  t.match(write('chart', lines).at(-1), /this query finds lines: use --output text/)
  t.end()
})
