/** Arguments of an instance are decoded one by one. */
import t from 'tap'
import type { Block } from '../../../../lib/alloy/ast.ts'
import { scopeOf } from '../../../../lib/alloy/evaluate.ts'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { decodeBody } from '../../../../lib/component/decode.ts'
import { instanceArguments } from '../../../../lib/run/plan/instance-arguments.ts'

void t.test('values, what has none, and what is there twice', (t) => {
  const source = { name: 'c', text: 'x "y" {\n a = 1\n b = nope\n c = skipped\n a = 2\n inner { }\n}' }
  const block = parseFile(source).file.body[0] as Block
  const found: string[] = []
  const report = ({ message }: { message: string }): void => void found.push(message)
  const env = {
    source,
    scope: scopeOf(new Map()),
    stages: new Map(),
    report,
    skip: ({ kind, ...rest }: { kind: string }) =>
      kind === 'identifier' && 'name' in rest && rest.name === 'skipped',
  }
  const { values, unknown } = instanceArguments(
    block,
    source,
    (each, fields) => decodeBody(each.body, fields, each.range, env),
    report,
  )
  t.same([...values], [['a', 1n]])
  t.same([...unknown], ['b', 'c'])
  t.match(found, [/nope/, /attribute "a" is set twice/])
  t.end()
})
