/** Every expression in a body, those of nested blocks included. */
import type { Expression, Statement } from '../../alloy/ast.ts'

export function expressionsIn(statements: readonly Statement[]): Expression[] {
  return statements.flatMap((statement) =>
    statement.kind === 'attribute' ? [statement.value] : expressionsIn(statement.body),
  )
}
