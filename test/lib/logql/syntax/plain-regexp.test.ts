/** Expressions that Loki's filters on labels do without: each was asked of Loki's own code. */
import t from 'tap'
import { isPlainRegexp } from '../../../../lib/logql/syntax/plain-regexp.ts'

void t.test('expressions that stand for texts', (tap) => {
  for (const pattern of [
    '',
    'error',
    'GET|POST',
    '.*timeout.*',
    '.*',
    '.+',
    '(a.*)',
    'warn|warning',
    'x\\.y',
  ])
    tap.ok(isPlainRegexp(pattern), pattern)
  for (const pattern of ['(?i)error', '(?i)5xx|3xx', 'foo(bar|qux)', 'fooa.*|foo', 'err|.+', 'a.*|.*b'])
    tap.ok(isPlainRegexp(pattern), pattern)
  tap.end()
})

void t.test('and those that do not', (tap) => {
  for (const pattern of ['5..', '[a-c]', 'a|b', 'foo|fob', '.*a.*b', '(ab|cd)e', 'a?', '^a', '\\d+', 'a.+'])
    tap.notOk(isPlainRegexp(pattern), pattern)
  for (const pattern of ['foo((bar|baz)|qux)', 'a(bc)d', 'foo(bar|baz)', 'x{2}', '(', '(?s).*', 'foo.*bar.*'])
    tap.notOk(isPlainRegexp(pattern), pattern)
  tap.end()
})
