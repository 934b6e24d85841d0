import t from 'tap'
import {
  convertBytes,
  convertDuration,
  convertNumber,
  convertSeconds,
  formatPrometheusDuration,
  formatSize,
  parsePrometheusDuration,
  parseQueryDuration,
} from '../../../../lib/logql/stages/units.ts'

void t.test('durations of queries', (tap) => {
  for (const [text, seconds] of [
    ['5m', 300],
    ['1h30m15s', 5415],
    ['1y2w3d', 365 * 86_400 + 17 * 86_400],
    ['500ms', 0.5],
    ['0', 0],
    ['0s', 0],
    ['1.5h', undefined],
    ['30m1h', undefined],
    ['', undefined],
    ['5', undefined],
  ] as const)
    tap.equal(parsePrometheusDuration(text), seconds === undefined ? undefined : seconds * 1e9, text)
  tap.equal(parseQueryDuration('1.5s'), 1.5e9)
  for (const [text, printed] of [
    ['90m', '1h30m'],
    ['1d', '1d'],
    ['36h', '1d12h'],
    ['2w', '2w'],
    ['15d', '15d'],
    ['1500ms', '1s500ms'],
    ['0s', '0s'],
  ] as const)
    tap.equal(formatPrometheusDuration(parsePrometheusDuration(text) ?? -1), printed, text)
  tap.end()
})

void t.test('values of labels, with the words of Go', (tap) => {
  for (const [converted, expected] of [
    [convertDuration('1m0.5s'), { value: 60.5e9 }],
    [convertDuration('90'), { problem: 'time: missing unit in duration "90"' }],
    [
      convertDuration('9223372036854775808'),
      { problem: 'time: missing unit in duration "9223372036854775808"' },
    ],
    [convertDuration('18446744073709551615'), { problem: 'time: invalid duration "18446744073709551615"' }],
    [convertDuration('1d'), { problem: 'time: unknown unit "d" in duration "1d"' }],
    [convertDuration(''), { problem: 'time: invalid duration ""' }],
    [convertDuration('x'), { problem: 'time: invalid duration "x"' }],
    [convertDuration('é"\t'), { problem: 'time: invalid duration "\\xc3\\xa9\\"\\x09"' }],
    [convertNumber('-3.25e2'), { value: -325 }],
    [convertNumber('+Inf'), { value: Infinity }],
    [convertNumber('0x10'), { problem: 'strconv.ParseFloat: parsing "0x10": invalid syntax' }],
    [convertNumber('1e999'), { problem: 'strconv.ParseFloat: parsing "1e999": value out of range' }],
    [convertBytes('1.5GiB'), { value: 1.5 * 2 ** 30 }],
    [convertBytes('1,024 kB'), { value: 1_024_000 }],
    [convertBytes('42'), { value: 42 }],
    [convertBytes('5X'), { problem: 'unhandled size name: x' }],
    [convertBytes('KB'), { problem: 'strconv.ParseFloat: parsing "": invalid syntax' }],
    [convertBytes('99EB'), { problem: 'too large: 99EB' }],
    [convertBytes('1constructor'), { problem: 'unhandled size name: constructor' }],
  ] as const)
    tap.same(converted, expected)
  tap.same([0, 9, 1024, 82_854_982, 5e6, 1e18].map(formatSize), [
    '0B',
    '9B',
    '1.0kB',
    '83MB',
    '5.0MB',
    '1.0EB',
  ])
  tap.end()
})

void t.test('seconds of durations, with the rounding of Go', (tap) => {
  for (const [text, seconds] of [
    ['1.84s', 1.8399999999999999],
    ['-1.84s', -1.8399999999999999],
    ['90m', 5400],
    ['250us', 0.00025],
  ] as const)
    tap.same(convertSeconds(text), { value: seconds }, text)
  tap.same(convertSeconds('x'), { problem: 'time: invalid duration "x"' })
  tap.end()
})
