/** The parser of Go's text/template: tokens to a tree. All names of functions and variables are checked here. */
import { lex } from './lexer.ts'
import { parsePipeline, parseName } from './parse-pipeline.ts'
import {
  afterOpen,
  expect,
  fail,
  isKeyword,
  nested,
  peek,
  peekSolid,
  take,
  unexpected,
  type State,
} from './token-reader.ts'
import type { Branch, Node, TemplateTree } from './tree.ts'

type Ending = { kind: 'end' | 'else' | 'eof'; at: number }

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
