import t from 'tap'
import { scan } from '../../../../lib/logql/syntax/scanner.ts'

function tokens(text: string): string[] {
  return scan(text)
    .slice(0, -1)
    .map(({ kind, text: found, value }) => `${kind} ${found}${value === 0 ? '' : ` ${value}`}`)
}

void t.test('tokens', (tap) => {
  for (const [text, expected] of [
    ['sum(x)', ['function sum', 'mark (', 'name x', 'mark )']],
    ['sum by (x)', ['function sum', 'keyword by', 'mark (', 'name x', 'mark )']],
    ['sum by x', ['name sum', 'keyword by', 'name x']],
    ['JSON Sum (', ['keyword json', 'function sum', 'mark (']],
    ['label_replace', ['keyword label_replace']],
    ['1 1.5 .5 1e-3 0x1F', ['number 1', 'number 1.5', 'number .5', 'number 1e-3', 'number 0x1F']],
    [
      '5m 1h30m 1.5s -5m 1d',
      [
        'duration 5m 300000000000',
        'duration 1h30m 5400000000000',
        'duration 1.5s 1500000000',
        'duration -5m -300000000000',
        'duration 1d 86400000000000',
      ],
    ],
    ['1KB 1.5MiB 10B', ['bytes 1KB 1000', 'bytes 1.5MiB 1572864', 'bytes 10B 10']],
    ['[1h30m]', ['range 1h30m 5400000000000']],
    ['--strict --keep-empty', ['flag --strict', 'flag --keep-empty']],
    ['1 -1', ['number 1', 'mark -', 'number 1']],
    ['"a\\n\\"" `b\\n`', ['string a\n"', 'string b\\n']],
    [
      '!= !~ !> |= |~ |> =~ == >= <= | = > <',
      [
        'mark !=',
        'mark !~',
        'mark !>',
        'mark |=',
        'mark |~',
        'mark |>',
        'mark =~',
        'mark ==',
        'mark >=',
        'mark <=',
        'mark |',
        'mark =',
        'mark >',
        'mark <',
      ],
    ],
    ['a # note = "x"\n b', ['name a', 'name b']],
    ['größe_1', ['name größe_1']],
  ] as const)
    tap.same(tokens(text), expected, text)
  tap.end()
})

void t.test('places', (tap) => {
  tap.match(scan('  ab "c"'), [
    { start: 2, end: 4 },
    { start: 5, end: 8 },
    { kind: 'end', start: 8 },
  ])
  for (const [text, offset] of [
    ["a 'b'", 2],
    ['"open', 0],
    ['"bad \\q"', 0],
    ['`open', 0],
    ['x [5m', 2],
    ['[5x]', 0],
    ['[1.5h]', 0],
    ['a & b', 2],
  ] as const)
    tap.throws(() => scan(text), { name: 'LogqlError', offset }, text)
  tap.end()
})

void t.test('numbers that Go refuses, and those that look like them', (tap) => {
  for (const text of ['0B', '0b1', '08', '09s', '1_', '1__0', '1e', '1e+', '0_'])
    tap.throws(() => scan(text), { name: 'LogqlError' }, text)
  tap.same(tokens('00B 0KB 010 08.5 09e1 1_0'), [
    'bytes 00B',
    'bytes 0KB',
    'number 010',
    'number 08.5',
    'number 09e1',
    'number 1_0',
  ])
  tap.end()
})
