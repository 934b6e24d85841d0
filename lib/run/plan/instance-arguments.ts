/** What an instance of a custom component passes to its module. */
import type { Block } from '../../alloy/ast.ts'
import { errorAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import type { Source } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import { isPartial } from '../../component/origin.ts'
import type { Fields } from '../../component/fields.ts'
import { exportFields } from './config-blocks.ts'
import type { Arguments } from './frame.ts'

/** Decodes a block in the frame around the instance. */
type Decode = (block: Block, fields: Fields) => Readonly<Record<string, unknown>> | undefined

/** Returns the attributes of the block, decoded one by one: one without a value doesn't take the others with it. */
export function instanceArguments(
  block: Block,
  source: Source,
  decode: Decode,
  report: (diagnostic: Diagnostic) => void,
): Arguments {
  const values = new Map<string, Value>()
  const unknown = new Set<string>()
  for (const statement of block.body) {
    if (statement.kind !== 'attribute') continue
    const { name, nameRange } = statement
    if (values.has(name) || unknown.has(name)) {
      report(errorAt(source, nameRange, `attribute "${name}" is set twice: keep one of them`))
      continue
    }
    const options = decode({ ...block, body: [statement] }, { [name]: exportFields.value })
    if (options === undefined || isPartial(options)) unknown.add(name)
    else values.set(name, options[name] as Value)
  }
  return { values, unknown }
}
