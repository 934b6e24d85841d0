/** Cuts a template into tokens. Text outside of `{{ }}` is one token, with the trim markers already applied. */

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'complex'
  | 'char'
  | 'string'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'comma'
  | 'left'
  | 'right'
  | 'other'
  | 'error'
  | 'end'

/** `text` is the source of the token, for an `error` the reason. */
export interface Token {
  kind: TokenKind
  text: string
  at: number
}

const keywords = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])

const leftTrimmed = /^-[ \t\r\n]/
const rightTrimmed = /[ \t\r\n]-\}\}/y
const spaces = /[ \t\r\n]*/y
const word = /[\p{L}\p{Nd}_]*/uy
const quoted = /"(?:[^"\\\n]|\\[^\n])*"/y
const char = /'(?:[^'\\\n]|\\[^\n])*'/y
const scalar =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y
/** What may follow a word, a field or a variable. */
const terminator = /[ \t\r\n.,|:()]|\}\}|$/y

const singles = new Map<string, TokenKind>([
  ['=', 'assign'],
  ['|', 'pipe'],
  [',', 'comma'],
])

/** Where a lexer stands; one call of `lex` owns one. */
interface State {
  readonly source: string
  at: number
  depth: number
  readonly tokens: Token[]
}

function matchAt(pattern: RegExp, state: State): string | undefined {
  pattern.lastIndex = state.at
  return pattern.exec(state.source)?.[0]
}

function push(state: State, kind: TokenKind, text: string): void {
  state.tokens.push({ kind, text, at: state.at })
  state.at += text.length
}

/** Ends the tokens with an error; what is left of the source isn't read. */
function fail(state: State, reason: string, at = state.at): false {
  state.tokens.push({ kind: 'error', text: reason, at })
  return false
}

function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\r\n'.includes(text[end - 1] ?? '!')) end--
  return text.slice(0, end)
}

/** The length of the closing delimiter here, with its trim marker; 0 if there is none. */
function closing(state: State): number {
  if (state.source.startsWith('}}', state.at)) return 2
  return matchAt(rightTrimmed, state)?.length ?? 0
}

function close(state: State, length: number): void {
  state.at += length
  if (length > 2) state.at += matchAt(spaces, state)?.length ?? 0
}

// comment = "{{" [ "- " ] "/*" text "*/" [ " -" ] "}}"
function lexComment(state: State, start: number): boolean {
  const end = state.source.indexOf('*/', state.at + 2)
  if (end < 0) return fail(state, 'unclosed comment', start)
  state.at = end + 2
  const length = closing(state)
  if (length === 0) return fail(state, 'comment ends before the closing delimiter', start)
  close(state, length)
  return true
}

function unexpectedCharacter(state: State): false {
  const found = String.fromCodePoint(state.source.codePointAt(state.at) ?? 0)
  return fail(state, `bad character ${JSON.stringify(found)}`)
}

// field = "." word   variable = "$" [ word ]
function lexName(state: State, kind: 'field' | 'variable'): boolean {
  const start = state.at
  state.at++
  const name = matchAt(word, state) ?? ''
  state.at += name.length
  if (matchAt(terminator, state) === undefined) return unexpectedCharacter(state)
  state.at = start
  push(
    state,
    kind === 'field' && name === '' ? 'dot' : kind,
    state.source.slice(start, start + 1 + name.length),
  )
  return true
}

function lexWord(state: State): boolean {
  const text = matchAt(word, state) ?? ''
  state.at += text.length
  const terminated = matchAt(terminator, state) !== undefined
  if (!terminated) return unexpectedCharacter(state)
  state.at -= text.length
  if (keywords.has(text)) push(state, 'keyword', text)
  else if (text === 'nil') push(state, 'nil', text)
  else push(state, text === 'true' || text === 'false' ? 'bool' : 'identifier', text)
  return true
}

// number = scalar | scalar ( "+" | "-" ) scalar "i"
function lexNumber(state: State): boolean {
  const start = state.at
  let text = matchAt(scalar, state) ?? ''
  state.at += text.length
  const sign = state.source[state.at]
  const isComplex = sign === '+' || sign === '-'
  if (isComplex) {
    text += matchAt(scalar, state) ?? ''
    state.at = start + text.length
  }
  const tail = matchAt(word, state) ?? ''
  state.at = start
  if (text === '' || tail !== '' || (isComplex && !text.endsWith('i'))) {
    return fail(state, `bad number syntax: ${JSON.stringify(text + tail)}`)
  }
  push(state, isComplex ? 'complex' : 'number', text)
  return true
}

function lexQuoted(state: State, opener: string): boolean {
  if (opener === '`') {
    const end = state.source.indexOf('`', state.at + 1)
    if (end < 0) return fail(state, 'unterminated raw quoted string')
    push(state, 'string', state.source.slice(state.at, end + 1))
    return true
  }
  const text = matchAt(opener === '"' ? quoted : char, state)
  if (text === undefined) {
    return fail(state, opener === '"' ? 'unterminated quoted string' : 'unterminated character constant')
  }
  push(state, opener === '"' ? 'string' : 'char', text)
  return true
}

function lexParen(state: State, opener: string): boolean {
  state.depth += opener === '(' ? 1 : -1
  if (state.depth < 0) return fail(state, 'unexpected right paren')
  push(state, opener === '(' ? 'left' : 'right', opener)
  return true
}

function lexPunctuation(state: State, first: string): boolean {
  const single = singles.get(first)
  if (single !== undefined) push(state, single, first)
  else if (first === ':') {
    if (state.source[state.at + 1] !== '=') return fail(state, 'expected :=')
    push(state, 'declare', ':=')
  } else if (/[!-~]/.test(first)) push(state, 'other', first)
  else return unexpectedCharacter(state)
  return true
}

/** One token inside an action; false at its end or at an error. */
function lexInside(state: State): boolean {
  const length = closing(state)
  if (length > 0) {
    if (state.depth > 0) return fail(state, 'unclosed left paren')
    state.tokens.push({ kind: 'close', text: '}}', at: state.at + length - 2 })
    close(state, length)
    return false
  }
  const first = state.source[state.at]
  if (first === undefined) return fail(state, 'unclosed action')
  if (' \t\r\n'.includes(first)) {
    const run = matchAt(spaces, state) ?? ''
    // The last space may belong to a trim marker.
    const marked = run.length > 1 && state.source.startsWith('-}}', state.at + run.length)
    push(state, 'space', marked ? run.slice(0, -1) : run)
    return true
  }
  if ('"`\''.includes(first)) return lexQuoted(state, first)
  if (first === '$') return lexName(state, 'variable')
  if (first === '.' && !/[0-9]/.test(state.source[state.at + 1] ?? '')) return lexName(state, 'field')
  if (/[.+\-0-9]/.test(first)) return lexNumber(state)
  if ((matchAt(word, state) ?? '') !== '') return lexWord(state)
  return first === '(' || first === ')' ? lexParen(state, first) : lexPunctuation(state, first)
}

function isBroken(state: State): boolean {
  return state.tokens.at(-1)?.kind === 'error'
}

/** The text up to the next action, then the action; false if there is nothing more to read. */
function lexSegment(state: State): boolean {
  const { source } = state
  const start = state.at
  const open = source.indexOf('{{', start)
  const end = open < 0 ? source.length : open
  const trims = open >= 0 && leftTrimmed.test(source.slice(open + 2, open + 4))
  const text = source.slice(start, end)
  const kept = trims ? trimEnd(text) : text
  if (kept !== '') push(state, 'text', kept)
  state.at = end
  if (open < 0) return false
  const inner = open + (trims ? 4 : 2)
  if (source.startsWith('/*', inner)) {
    state.at = inner
    return lexComment(state, open)
  }
  state.tokens.push({ kind: 'open', text: '{{', at: open })
  // The space after the marker belongs to it.
  state.at = inner
  state.depth = 0
  while (lexInside(state));
  return !isBroken(state)
}

/**
 * The tokens of a template, with `end` or an `error` as the last one. Delimiters are `{{` and `}}`; a `-` with a space
 * next to a delimiter trims the white space of the text on that side (https://pkg.go.dev/text/template).
 */
export function lex(source: string): Token[] {
  const state: State = { source, at: 0, depth: 0, tokens: [] }
  while (lexSegment(state));
  if (!isBroken(state)) state.tokens.push({ kind: 'end', text: '', at: source.length })
  return state.tokens
}
