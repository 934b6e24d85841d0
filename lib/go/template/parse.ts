/** The parser of Go's text/template: tokens to a tree. All names of functions and variables are checked here. */
import { lex, type Token, type TokenKind } from './lexer.ts'
import { MAX_NESTING } from './limits.ts'
import { charConstant, complexConstant, numberConstant } from './literal.ts'
import { templateError } from './position.ts'
import { unquote } from '../strconv/quote.ts'
import type { Branch, Command, Node, NumberOperand, Operand, Pipeline, TemplateTree } from './tree.ts'

/** What one parse keeps; `variables` and `ranges` start anew in each `define` and `block`. */
interface State {
  readonly source: string
  readonly tokens: Token[]
  next: number
  readonly isFunction: (name: string) => boolean
  readonly defined: Map<string, Node[]>
  variables: string[]
  ranges: number
  nesting: number
  /** The offset of the action that is being read, for errors that are found at its end. */
  action: number
}

/** What ended a list of nodes. */
type Ending = { kind: 'end' | 'else' | 'eof'; at: number }

const endToken: Token = { kind: 'end', text: '', at: 0 }

function fail(state: State, at: number, reason: string): never {
  throw templateError(state.source, at, reason)
}

function peek(state: State): Token {
  return state.tokens[state.next] ?? endToken
}

function peekSolid(state: State): Token {
  while (peek(state).kind === 'space') state.next++
  return peek(state)
}

/** The next token other than space. Throws for an error token, so that the last token is never passed. */
function take(state: State): Token {
  const token = peekSolid(state)
  if (token.kind === 'error') {
    const unclosed = token.text === 'unclosed action'
    fail(state, unclosed ? state.action : token.at, token.text)
  }
  if (token.kind !== 'end') state.next++
  return token
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end of the template'
  if (token.kind === 'keyword' || token.kind === 'open') return `{{${token.text.replace('{{', '')}}}`
  return JSON.stringify(token.text.length > 20 ? `${token.text.slice(0, 20)}...` : token.text)
}

function unexpected(state: State, token: Token, context: string): never {
  if (token.kind === 'error') fail(state, token.at, token.text)
  return fail(state, token.at, `unexpected ${describe(token)} in ${context}`)
}

function expect(state: State, kind: TokenKind, context: string): Token {
  const token = take(state)
  return token.kind === kind ? token : unexpected(state, token, context)
}

function isKeyword(token: Token, word: string): boolean {
  return token.kind === 'keyword' && token.text === word
}

/** Runs a part that may contain itself, with a bound on how deep. */
function nested<T>(state: State, part: () => T): T {
  if (++state.nesting > MAX_NESTING) {
    fail(state, peek(state).at, `more than ${MAX_NESTING} parentheses or blocks within each other`)
  }
  const result = part()
  state.nesting--
  return result
}

// template = { text | comment | definition | action }
export function parse(source: string, isFunction: (name: string) => boolean, name: string): TemplateTree {
  const defined = new Map<string, Node[]>()
  const tokens = lex(source)
  const state: State = {
    source,
    tokens,
    next: 0,
    isFunction,
    defined,
    variables: ['$'],
    ranges: 0,
    nesting: 0,
    action: 0,
  }
  const root: Node[] = []
  while (peek(state).kind !== 'end') {
    const token = peek(state)
    if (token.kind === 'open' && isKeyword(afterOpen(state), 'define')) {
      state.action = token.at
      state.next++
      take(state)
      parseDefinition(state)
      continue
    }
    const node = parseNode(state)
    if (isEnding(node)) fail(state, node.at, `unexpected {{${node.kind}}}`)
    else root.push(node)
  }
  define(state, name, root, source.length)
  return { root: defined.get(name) ?? root, defined }
}

function afterOpen(state: State): Token {
  let at = state.next + 1
  while (state.tokens[at]?.kind === 'space') at++
  return state.tokens[at] ?? endToken
}

function isEmpty(nodes: Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
}

/** The second definition of a name wins over an empty one, and is an error otherwise. */
function define(state: State, name: string, nodes: Node[], at: number): void {
  const known = state.defined.get(name)
  if (known === undefined || isEmpty(known)) state.defined.set(name, nodes)
  else if (!isEmpty(nodes)) fail(state, at, `template ${JSON.stringify(name)} is defined twice`)
}

/** Reads a body with variables and loops of its own up to `{{ end }}`, and names it. */
function parseNamed(state: State, name: string, context: string): void {
  const { variables, ranges } = state
  state.variables = ['$']
  state.ranges = 0
  const at = peek(state).at
  const { nodes, ending } = nested(state, () => parseList(state))
  if (ending.kind !== 'end') fail(state, ending.at, `unexpected {{${ending.kind}}} in ${context}`)
  define(state, name, nodes, at)
  state.variables = variables
  state.ranges = ranges
}

// definition = "{{" "define" string "}}" list "{{" "end" "}}"
function parseDefinition(state: State): void {
  const name = parseName(state, take(state), 'define clause')
  expect(state, 'close', 'define clause')
  parseNamed(state, name, 'define clause')
}

// list = { text | action }, ended by {{ end }} or {{ else }}
function parseList(state: State): { nodes: Node[]; ending: Ending } {
  const nodes: Node[] = []
  while (peekSolid(state).kind !== 'end') {
    const node = parseNode(state)
    if (isEnding(node)) return { nodes, ending: node }
    nodes.push(node)
  }
  return fail(state, state.source.length, 'unexpected end of the template; an {{end}} is missing')
}

function isEnding(node: Node | Ending): node is Ending {
  return node.kind === 'end' || node.kind === 'else' || node.kind === 'eof'
}

function parseNode(state: State): Node | Ending {
  const token = peekSolid(state)
  if (token.kind === 'text') {
    state.next++
    return { kind: 'text', at: token.at, text: token.text }
  }
  if (token.kind !== 'open') return unexpected(state, token, 'input')
  state.next++
  state.action = token.at
  return parseAction(state)
}

// action = "{{" ( control | pipeline ) "}}"
function parseAction(state: State): Node | Ending {
  const token = peekSolid(state)
  if (token.kind !== 'keyword' || token.text === 'define') {
    return { kind: 'action', at: token.at, pipeline: parsePipeline(state, 'command', 'close') }
  }
  take(state)
  switch (token.text) {
    case 'if':
    case 'with':
    case 'range':
      return parseBranch(state, token.text, token.at)
    case 'end':
      expect(state, 'close', 'end')
      return { kind: 'end', at: token.at }
    case 'else':
      return parseElse(state, token.at)
    case 'break':
    case 'continue':
      return parseJump(state, token.text, token.at)
    case 'block':
      return parseBlock(state, token.at)
    default:
      return parseTemplate(state, token.at)
  }
}

// else = "{{" "else" [ ( "if" | "with" ) ... ] "}}"
function parseElse(state: State, at: number): Ending {
  const token = peekSolid(state)
  if (!isKeyword(token, 'if') && !isKeyword(token, 'with')) expect(state, 'close', 'else')
  return { kind: 'else', at }
}

// jump = "{{" ( "break" | "continue" ) "}}"
function parseJump(state: State, kind: 'break' | 'continue', at: number): Node {
  expect(state, 'close', `{{${kind}}}`)
  if (state.ranges === 0) fail(state, at, `{{${kind}}} outside {{range}}`)
  return { kind, at }
}

// branch = "{{" ( "if" | "with" | "range" ) pipeline "}}" list [ "{{" "else" "}}" list ] "{{" "end" "}}"
function parseBranch(state: State, kind: Branch['kind'], at: number): Branch {
  const visible = state.variables.length
  const pipeline = parsePipeline(state, kind, 'close')
  if (kind === 'range') state.ranges++
  const { nodes: body, ending } = nested(state, () => parseList(state))
  if (kind === 'range') state.ranges--
  const otherwise = ending.kind === 'else' ? parseOtherwise(state, kind) : undefined
  state.variables.length = visible
  return { kind, at, pipeline, body, otherwise }
}

/** The list after `{{ else }}`; after `{{ else if }}` it is one branch, which takes the `{{ end }}`. */
function parseOtherwise(state: State, kind: Branch['kind']): Node[] {
  const token = peekSolid(state)
  if (kind !== 'range' && isKeyword(token, kind)) {
    take(state)
    return [nested(state, () => parseBranch(state, kind, token.at))]
  }
  const { nodes, ending } = nested(state, () => parseList(state))
  if (ending.kind !== 'end') fail(state, ending.at, 'expected {{end}}, found a second {{else}}')
  return nodes
}

function parseName(state: State, token: Token, context: string): string {
  if (token.kind !== 'string') return unexpected(state, token, context)
  return unquote(token.text) ?? fail(state, token.at, `invalid syntax in the string ${token.text}`)
}

// block = "{{" "block" string pipeline "}}" list "{{" "end" "}}"
function parseBlock(state: State, at: number): Node {
  const name = parseName(state, take(state), 'block clause')
  const pipeline = parsePipeline(state, 'block clause', 'close')
  parseNamed(state, name, 'block clause')
  return { kind: 'template', at, name, pipeline }
}

// template = "{{" "template" string [ pipeline ] "}}"
function parseTemplate(state: State, at: number): Node {
  const name = parseName(state, take(state), 'template clause')
  if (peekSolid(state).kind !== 'close') {
    return { kind: 'template', at, name, pipeline: parsePipeline(state, 'template clause', 'close') }
  }
  take(state)
  return { kind: 'template', at, name, pipeline: undefined }
}

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
function parsePipeline(state: State, context: string, end: 'close' | 'right'): Pipeline {
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
