import t from 'tap'
import { labelsOf } from '../../../support/logql-lines.ts'

void t.test('captures', (tap) => {
  for (const [stage, line, expected] of [
    ['regexp "(?P<user>u\\\\d+): (?P<why>.+)"', 'for u1: bad', { user: 'u1', why: 'bad' }],
    ['regexp "(?P<a>x)?(?P<b>y)"', 'y', { a: '', b: 'y' }],
    ['regexp "(?P<a>z)"', 'y', {}],
    ['regexp "(?P<env>y)"', 'y', { env_extracted: 'y' }],
    ['pattern "<a> - <_> [<b>]"', '1 - 2 [3] 4', { a: '1', b: '3' }],
    ['pattern "x<a>"', 'y1', {}],
    ['pattern "<a>|<b>|<c>"', '1|2', { a: '1', b: '2' }],
    ['pattern "<env> <_>"', 'e x', { env_extracted: 'e' }],
  ] as const)
    tap.same(labelsOf(`| ${stage}`, line, { stream: { env: 'p' } }), { env: 'p', ...expected }, stage)
  tap.same(labelsOf('| logfmt | regexp "(?P<a>\\\\d)"', 'a=x1'), { a: 'x1' }, 'what was parsed stays')
  tap.end()
})

void t.test('refused', (tap) => {
  for (const stage of [
    'regexp "(x)"',
    'regexp "x"',
    'regexp "(?P<a>x"',
    'regexp "(?P<a>x)(?P<a>y)"',
    'pattern "none"',
    'pattern "<a><b>"',
    'pattern "<a> <a>"',
    'pattern "<_>"',
  ])
    tap.throws(() => labelsOf(`| ${stage}`, ''), { name: 'LogqlError' }, stage)
  tap.end()
})
