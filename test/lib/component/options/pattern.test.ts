import t from 'tap'
import {
  badOption,
  optionalPattern,
  patternOption,
  refuseEmptyList,
  refuseEmptySource,
} from '../../../../lib/component/options/pattern.ts'

void t.test('every refusal names the option', (t) => {
  t.match(badOption('a', 'why'), { code: 'BAD_ARGUMENT', option: 'a', message: 'why' })
  t.throws(() => patternOption('expression', '('), { code: 'BAD_REGEX', option: 'expression' })
  t.throws(() => optionalPattern('regex', '('), { code: 'BAD_REGEX', option: 'regex' })
  t.throws(() => refuseEmptySource(''), { code: 'BAD_ARGUMENT', option: 'source' })
  t.throws(() => refuseEmptyList('values', []), { code: 'BAD_ARGUMENT', option: 'values' })
  t.end()
})

void t.test('an option may be left out', (t) => {
  t.equal(optionalPattern('regex', ''), undefined)
  t.equal(optionalPattern('regex', undefined), undefined)
  t.ok(optionalPattern('regex', 'a')?.test('xax'))
  t.doesNotThrow(() => refuseEmptySource(undefined))
  t.doesNotThrow(() => refuseEmptyList('values', ['x']))
  t.end()
})
