import t from 'tap'
import { labelsOf } from '../../../support/logql-lines.ts'

void t.test('logfmt', (tap) => {
  for (const [stage, line, expected] of [
    ['logfmt', 'a=1 b="x y" flag c= a=2', { a: '1', b: 'x y' }],
    ['logfmt --keep-empty', 'a=1 flag c=', { a: '1', flag: '', c: '' }],
    ['logfmt', 'a=b=c d=1', { d: '1' }],
    ['logfmt', 'a.b=1 9e=2 env=e', { a_b: '1', _9e: '2', env_extracted: 'e' }],
    ['logfmt', 'a="x\ufffdy"', { a: 'x y' }],
    [
      'logfmt --strict',
      'a=1 b=c=d e=1',
      {
        a: '1',
        __error__: 'LogfmtParserErr',
        __error_details__: "logfmt syntax error at pos 8 : unexpected '='",
      },
    ],
    ['logfmt x="a", b', 'a=1 c=2', { x: '1', b: '' }],
    ['logfmt x="\\"a\\""', 'a=1', { x: '1' }],
    ['logfmt x="nope"', 'a=1 x=2', { x: '2' }],
    ['logfmt x="a", y="x"', 'a=1 x=2', { x: '1', y: '2' }],
    ['logfmt env', 'env=e', { env_extracted: 'e' }],
    ['logfmt --strict x="a"', 'b==', { x: '', __error__: 'LogfmtParserErr' }],
    ['logfmt', 'plain text, nothing else', {}],
  ] as const) {
    const { __error_details__: _, ...labels } = labelsOf(`| ${stage}`, line, {
      stream: { env: 'prod' },
    }) as Record<string, string>
    const { __error_details__: __, ...wanted } = expected as Record<string, string>
    tap.same(labels, { env: 'prod', ...wanted }, `${stage}: ${line}`)
  }
  tap.throws(() => labelsOf('| logfmt x="a b"', ''), /cannot parse expression/)
  tap.end()
})
