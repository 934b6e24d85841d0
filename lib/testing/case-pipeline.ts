/** The stages that a case is about: written in the case, or those of a `loki.process` in a real config. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Block, Statement } from '../alloy/ast.ts'
import { printDiagnostic } from '../alloy/diagnostic.ts'
import { parseFile } from '../alloy/parser.ts'
import type { Range, Source } from '../alloy/source.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import type { TestCase } from './case.ts'

export interface CasePipeline {
  readonly source: Source
  readonly body: readonly Statement[]
  readonly range: Range
}

/** As text: why there is none (a syntax error of the case). Throws IO or BAD_INPUT when the config cannot be read. */
export function casePipeline(test: TestCase, folder: string): CasePipeline | string {
  if (test.config !== undefined) return fromConfig(join(folder, test.config), test.component ?? '')
  const source = { name: test.name, text: test.pipeline ?? '' }
  const { file, diagnostics } = parseFile(source)
  if (diagnostics.length > 0) return diagnostics.map(printDiagnostic).join('\n')
  return { source, body: file.body, range: { start: 0, end: source.text.length } }
}

function fromConfig(path: string, id: string): CasePipeline {
  const source = { name: path, text: readText(path) }
  const { file, diagnostics } = parseFile(source)
  const [problem] = diagnostics
  if (problem !== undefined) throw new LogstreamError('BAD_INPUT', printDiagnostic(problem))
  const block = findBlock(file.body, id)
  if (block === undefined || block.name !== 'loki.process')
    throw new LogstreamError(
      'BAD_INPUT',
      `${path}: expected the id of a loki.process, found "${id}": name one such as loki.process.NAME`,
    )
  // Where the entries go afterwards does not matter to its stages.
  const body = block.body.filter(({ kind, name }) => kind === 'block' || name !== 'forward_to')
  return { source, body, range: block.range }
}

function findBlock(statements: readonly Statement[], id: string): Block | undefined {
  for (const statement of statements) {
    if (statement.kind !== 'block') continue
    if (`${statement.name}.${statement.label}` === id) return statement
    const inner = statement.name === 'declare' ? findBlock(statement.body, id) : undefined
    if (inner !== undefined) return inner
  }
  return undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the config ${path}: ${messageOf(error)}`, { cause: error })
  }
}
