/** The parser of what stands in an action: declarations, pipelines, commands and their operands. */
import type { Token, TokenKind } from './lexer.ts'
import { charConstant, complexConstant, numberConstant } from './literal.ts'
import { fail, nested, peek, peekSolid, take, unexpected, type State } from './token-reader.ts'
import { unquote } from '../strconv/quote.ts'
import type { Command, NumberOperand, Operand, Pipeline } from './tree.ts'

// declaration = variable ( ":=" | "=" ) | variable "," variable ( ":=" | "=" )
function parseDeclaration(state: State, pipeline: Pipeline, context: string): void {
  const variable = peekSolid(state)
  if (variable.kind !== 'variable') return
  const mark = state.next
  state.next++
  const { kind } = peekSolid(state)
  if (kind !== 'assign' && kind !== 'declare' && kind !== 'comma') {
    state.next = mark
    return
  }
  take(state)
  pipeline.declares.push(variable.text)
  state.variables.push(variable.text)
  if (kind !== 'comma') {
    pipeline.assigns = kind === 'assign'
    return
  }
  if (context !== 'range' || pipeline.declares.length > 1) {
    fail(state, variable.at, `too many declarations in ${context}`)
  }
  if (peekSolid(state).kind === 'variable') parseDeclaration(state, pipeline, context)
  else fail(state, peek(state).at, 'range can only initialize variables')
}

const operandStarts = new Set<TokenKind>([
  'bool',
  'char',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'string',
  'variable',
  'left',
])

// pipeline = [ declaration ] command { "|" command }
export function parsePipeline(state: State, context: string, end: 'close' | 'right'): Pipeline {
  const pipeline: Pipeline = {
    kind: 'pipeline',
    at: peekSolid(state).at,
    declares: [],
    assigns: false,
    commands: [],
  }
  parseDeclaration(state, pipeline, context)
  while (peekSolid(state).kind !== end) {
    if (!operandStarts.has(peek(state).kind)) unexpected(state, take(state), context)
    pipeline.commands.push(parseCommand(state))
  }
  take(state)
  if (pipeline.commands.length === 0) fail(state, pipeline.at, `missing value for ${context}`)
  for (const { operands, at } of pipeline.commands.slice(1)) {
    if (['bool', 'dot', 'nil', 'number', 'string'].includes(operands[0].kind)) {
      fail(state, at, 'a constant cannot take the value of a pipeline; put a function after the |')
    }
  }
  return pipeline
}

// command = operand { space operand } [ "|" ]
function parseCommand(state: State): Command {
  const { at } = peekSolid(state)
  const operands: Operand[] = []
  for (;;) {
    if (operandStarts.has(peekSolid(state).kind)) operands.push(parseOperand(state))
    const token = peek(state)
    if (token.kind === 'space') state.next++
    else if (token.kind === 'pipe') {
      state.next++
      break
    } else if (token.kind === 'close' || token.kind === 'right') break
    else unexpected(state, take(state), 'operand')
  }
  const [first, ...rest] = operands
  return first === undefined ? fail(state, at, 'empty command') : { at, operands: [first, ...rest] }
}

// operand = term { field }
function parseOperand(state: State): Operand {
  const operand = parseTerm(state)
  if (peek(state).kind !== 'field') return operand
  const { at } = peek(state)
  const names: string[] = []
  while (peek(state).kind === 'field') names.push(take(state).text.slice(1))
  switch (operand.kind) {
    case 'field':
    case 'variable':
      return { ...operand, at, names: [...operand.names, ...names] }
    case 'function':
    case 'pipeline':
    case 'chain':
      return { kind: 'chain', at: operand.at, operand, names }
    case 'nil':
    case 'bool':
    case 'dot':
    case 'number':
    case 'string':
    default:
      return fail(state, at, 'unexpected . after a constant')
  }
}

// term = constant | function | "." | field | variable | "(" pipeline ")"
function parseTerm(state: State): Operand {
  const { kind, text, at } = take(state)
  switch (kind) {
    case 'identifier':
      if (!state.isFunction(text)) fail(state, at, `function ${JSON.stringify(text)} not defined`)
      return { kind: 'function', at, name: text }
    case 'variable':
      if (!state.variables.includes(text)) fail(state, at, `undefined variable ${JSON.stringify(text)}`)
      return { kind: 'variable', at, name: text, names: [] }
    case 'left':
      return nested(state, () => parsePipeline(state, 'parenthesized pipeline', 'right'))
    case 'field':
      return { kind: 'field', at, names: [text.slice(1)] }
    case 'bool':
      return { kind: 'bool', at, value: text === 'true' }
    case 'string':
      return { kind: 'string', at, value: parseName(state, { kind, text, at }, 'operand'), text }
    case 'char':
      return checked(state, at, charConstant(at, text))
    case 'complex':
      return checked(state, at, complexConstant(at, text))
    case 'number':
      return checked(state, at, numberConstant(at, text))
    default:
      return { kind: kind === 'nil' ? 'nil' : 'dot', at }
  }
}

function checked(state: State, at: number, constant: NumberOperand | string): NumberOperand {
  return typeof constant === 'string' ? fail(state, at, constant) : constant
}

/** The string that a token is: the name of a template, or an operand. */
export function parseName(state: State, token: Token, context: string): string {
  if (token.kind !== 'string') return unexpected(state, token, context)
  return unquote(token.text) ?? fail(state, token.at, `invalid syntax in the string ${token.text}`)
}
