import t from 'tap'
import { readArgs } from '../../../lib/cli/args.ts'

const options = {
  level: { value: 'LEVEL', doc: '' },
  label: { value: 'N=V', multiple: true, doc: '' },
  quiet: { short: 'q', doc: '' },
} as const

void t.test('flags and words', (tap) => {
  const args = readArgs(
    'x',
    ['one', '--level', 'a', '--label=b', '-q', '--label', 'c=d', 'two', '--', '--three'],
    options,
  )
  tap.same(args.words, ['one', 'two', '--three'])
  tap.same([args.text('level'), args.texts('label'), args.flag('quiet')], ['a', ['b', 'c=d'], true])
  const none = readArgs('x', [], options)
  tap.same(
    [none.words, none.text('level'), none.texts('label'), none.flag('quiet')],
    [[], undefined, [], false],
  )
  tap.end()
})

void t.test('mistakes say what to do', (tap) => {
  const cases: [string[], RegExp][] = [
    [['--levle', 'x'], /--levle.*Did you mean --level\? See: logstream x --help/],
    [['--level'], /level.*See: logstream x --help/],
    [['--quiet=yes'], /quiet.*See: logstream x --help/],
    [
      ['--level', '-1'],
      /^Option '--level' argument is ambiguous\. A value .* is written as --level=VALUE\. See: logstream x --help$/,
    ],
    [['-z'], /'-z'.*See: logstream x --help/],
  ]
  for (const [given, message] of cases)
    tap.throws(() => readArgs('x', given, options), { code: 'BAD_USAGE', message })
  tap.end()
})
