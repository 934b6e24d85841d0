import t from 'tap'
import {
  countParameter,
  directionParameter,
  encodingFlags,
  intervalParameter,
  rangeParameters,
  stepParameter,
  timeParameter,
  volumeLimitParameter,
} from '../../../../lib/logql/api/params.ts'

const second = 1_000_000_000n
const now = 10_000n * second
const of = (values: Record<string, string>): URLSearchParams => new URLSearchParams(values)

void t.test('times', (tap) => {
  for (const [text, expected] of [
    ['', 7n],
    ['1767607800', 1_767_607_800n * second],
    ['1767607800000', 1_767_607_800_000n],
    ['1767607800.5', 1_767_607_800_500_000_000n],
    ['1767607800.0004', 1_767_607_800n * second],
    ['2026-01-05T15:40:00.5+05:30', 1_767_607_800_500_000_000n],
    ['-5', -5n * second],
  ] as const)
    tap.equal(timeParameter(of({ t: text }), 't', 7n), expected, text)
  for (const bad of ['noon', '2026-01-05', '1e9', '1.2.3', '99999999999999999999'])
    tap.throws(() => timeParameter(of({ t: bad }), 't', 7n), /could not parse 't'/, bad)
  tap.end()
})

void t.test('ranges', (tap) => {
  tap.same(rangeParameters(of({}), now), { start: now - 3600n * second, end: now })
  tap.same(rangeParameters(of({ end: '500', since: '90s' }), now), {
    start: 410n * second,
    end: 500n * second,
  })
  tap.same(rangeParameters(of({ start: '1', end: '2', since: '5m' }), now), {
    start: second,
    end: 2n * second,
  })
  tap.throws(() => rangeParameters(of({ start: '2', end: '1' }), now), /end timestamp/)
  tap.throws(() => rangeParameters(of({ since: '5' }), now), /since/)
  tap.end()
})

void t.test('steps and intervals', (tap) => {
  const range = { start: 0n, end: 7200n * second }
  tap.equal(stepParameter(of({}), range), 28n * second)
  tap.equal(stepParameter(of({}), { start: 0n, end: second }), second)
  tap.equal(stepParameter(of({ step: '7.5' }), range), 7_500_000_000n)
  tap.equal(stepParameter(of({ step: '2000ms' }), range), 2n * second)
  tap.equal(stepParameter(of({ step: '1.001' }), range), second, 'milliseconds of 1.000999999 s')
  tap.equal(stepParameter(of({ step: '1.9999' }), range), 1_999_000_000n)
  for (const bad of ['0', '-5', 'abc', '1.5m', '0.5', '1e99'])
    tap.throws(() => stepParameter(of({ step: bad }), range), bad)
  tap.equal(intervalParameter(of({})), 0n)
  tap.equal(intervalParameter(of({ interval: '2m' })), 120n * second)
  tap.equal(intervalParameter(of({ interval: '0.0015' })), 1_000_000n)
  tap.throws(() => intervalParameter(of({ interval: '-1' })), />= 0/)
  tap.end()
})

void t.test('the rest', (tap) => {
  tap.equal(countParameter(of({}), 'limit', 100), 100)
  tap.equal(countParameter(of({ limit: '7' }), 'limit', 100), 7)
  for (const bad of ['0', '-1', 'ten', '1.5'])
    tap.throws(() => countParameter(of({ limit: bad }), 'limit', 100), bad)
  tap.same(
    ['', '0', '+0', '3'].map((limit) => volumeLimitParameter(of({ limit }))),
    [100, 100, 100, 3],
    'of volumes 0 is the default',
  )
  for (const bad of ['-1', 'ten']) tap.throws(() => volumeLimitParameter(of({ limit: bad })), bad)
  tap.same(
    ['', 'BACKWARD', 'Forward'].map((direction) => directionParameter(of({ direction }))),
    ['backward', 'backward', 'forward'],
  )
  tap.throws(() => directionParameter(of({ direction: 'up' })), /invalid direction/)
  tap.same([encodingFlags(undefined), encodingFlags(''), encodingFlags('a, b')], [[], [], ['a', ' b']])
  tap.end()
})
