import t from 'tap'
import { labelsOf, runLine } from '../../../support/logql-lines.ts'

const line = 'status=404 took=1.5s size=2kB ip=10.1.2.3 name=ann bad=x empty=""'

void t.test('label filters', (tap) => {
  for (const [filter, passes] of [
    ['status = 404', true],
    ['status == 404.0', true],
    ['status != 404', false],
    ['status >= 500', false],
    ['status < 500 and took > 1s', true],
    ['took <= 1500ms', true],
    ['took > 1d', false],
    ['size > 1KB', true],
    ['size <= 2KiB', true],
    ['size > 1KiB', true],
    ['ip = ip("10.0.0.0/8")', true],
    ['ip != ip("10.0.0.0/8")', false],
    ['none = ip("10.0.0.0/8")', false],
    ['name = "ann"', true],
    ['name =~ "a"', false],
    ['name =~ "a.+"', true],
    ['name !~ "b.*"', true],
    ['none = ""', true],
    ['name =~ ""', true],
    ['name !~ ""', false],
    ['name =~ "()"', true],
    ['name =~ "(.*)"', true],
    ['none =~ ".+"', false],
    ['none !~ ".+"', true],
    ['none != "x"', true],
    ['none > 0', false],
    ['status=404 or none > 0', true],
    ['none > 0 or status=404', true],
    ['name="x" or status=404 and took > 1m', false],
    ['(name="x" or status=404) and took > 1s', true],
    ['status=404, name="x"', false],
    ['status=404 name="ann"', true],
    ['status > -1', true],
  ] as const)
    tap.equal(runLine(`| logfmt | ${filter}`, line) !== false, passes, filter)
  tap.end()
})

void t.test('what cannot be converted goes on with an error', (tap) => {
  for (const [filter, details] of [
    ['bad > 1', 'strconv.ParseFloat: parsing "x": invalid syntax'],
    ['bad > 1s', 'time: invalid duration "x"'],
    ['bad > 1KB', 'strconv.ParseFloat: parsing "": invalid syntax'],
    ['bad > 1 and name > 1s', 'strconv.ParseFloat: parsing "x": invalid syntax'],
  ] as const)
    tap.match(
      labelsOf(`| logfmt | ${filter}`, line),
      { __error__: 'LabelFilterErr', __error_details__: details },
      filter,
    )
  tap.ok(
    runLine('| logfmt | bad > 1 | ip != ip("10.0.0.0/8")', line),
    'addresses are not asked after an error',
  )
  tap.equal(runLine('| logfmt | bad > 1 | __error__ = ""', line), false)
  tap.end()
})
