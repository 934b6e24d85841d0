/** Prints a syntax tree in the layout of `alloy fmt`. */
import type { Access, ArrayLiteral, Block, Call, Expression, File, ObjectLiteral, Statement } from './ast.ts'
import { parseFile } from './parser.ts'
import { PrintFlow } from './print-flow.ts'
import type { Range } from './source.ts'
import { quote } from '../go/strconv/quote.ts'

/**
 * The formatted text of a file that was parsed without errors: tabs, columns over neighbouring attributes and
 * comments after them, at most one empty line in a row, blocks apart, comments kept, one line end at the end.
 * Line breaks inside lists, objects and calls stay where they were written.
 *
 * As in Alloy a quoted key of an object is quoted anew from its raw text, so backslashes in it double. Unlike
 * Alloy, which treats tabs and trailing blanks in raw strings as layout, strings are never changed; and where
 * Alloy's places for comments would give a string that doesn't parse, comments stay exactly where they were.
 */
export function printFile(file: File): string {
  const text = printWith(file, false)
  return isFaithful(file, text) ? text : printWith(file, true)
}

function printWith(file: File, exact: boolean): string {
  const flow = new PrintFlow(file)
  new Printer(file, flow, exact).body(file.body)
  return `${flow.finish()}\n`
}

/** A comment that lands before a comma ends the statement too early, one before a bracket swallows it. */
function isFaithful(file: File, text: string): boolean {
  if (file.comments.length === 0) return true
  const printed = parseFile({ name: file.source.name, text })
  const { comments } = printed.file
  if (printed.diagnostics.length > 0 || comments.length !== file.comments.length) return false
  return comments.every((comment, at) => comment.text === file.comments[at]?.text)
}

class Printer {
  readonly #text: string
  readonly #flow: PrintFlow
  /** Alloy doesn't know the places of some tokens and takes them to be right after the previous one. */
  readonly #exact: boolean

  constructor(file: File, flow: PrintFlow, exact: boolean) {
    this.#text = file.source.text
    this.#flow = flow
    this.#exact = exact
  }

  /** The token after an end, whose place Alloy doesn't know. */
  #loose(text: string, end: number): void {
    const offset = this.#exact ? this.#afterComments(end) : 0
    if (this.#text[offset] === text && this.#exact) this.#flow.token(text, offset)
    else this.#flow.token(text)
  }

  /** An empty line comes before a block, and before other statements if the source has one. */
  body(statements: readonly Statement[]): void {
    const flow = this.#flow
    let previous: Statement | undefined
    for (const statement of statements) {
      const apart =
        statement.kind === 'block' ||
        this.#linesBetween(previous?.range ?? statement.range, statement.range) > 1
      if (previous !== undefined && apart) flow.layout('break')
      this.#statement(statement)
      flow.layout(this.#isOneLine(statement.range) ? 'line' : 'break')
      previous = statement
    }
  }

  #statement(statement: Statement): void {
    if (statement.kind === 'block') return this.#block(statement)
    this.#flow.token(statement.name, statement.nameRange.start)
    this.#assignment(statement.nameRange, statement.value)
  }

  #assignment(name: Range, value: Expression): void {
    this.#flow.layout('align')
    this.#loose('=', name.end)
    this.#flow.layout('blank')
    this.#expression(value)
  }

  #block(block: Block): void {
    const flow = this.#flow
    flow.token(block.name, this.#exact ? block.nameRange.end - 1 : block.nameRange.start)
    if (block.label !== undefined) {
      flow.layout('blank')
      flow.token(quote(block.label), block.labelRange?.start)
    }
    flow.layout('blank')
    flow.token('{', block.open.start)
    flow.layout('indent', block.body.length > 0 ? 'break' : 'blank')
    this.body(block.body)
    flow.layout('outdent')
    flow.token('}', block.close.start)
  }

  #expression(expression: Expression): void {
    const flow = this.#flow
    const { start } = expression.range
    switch (expression.kind) {
      case 'literal':
        return flow.token(expression.raw, start)
      case 'identifier':
        return flow.token(expression.name, start)
      case 'array':
        return this.#array(expression)
      case 'object':
        return this.#object(expression)
      case 'access':
        return this.#access(expression)
      case 'index':
        return this.#index(expression.value, expression.index, expression.range)
      case 'call':
        return this.#call(expression)
      case 'unary':
        flow.token(expression.operator, start)
        return this.#expression(expression.value)
      case 'binary':
        this.#expression(expression.left)
        flow.layout('blank')
        flow.token(expression.operator, expression.operatorRange.start)
        flow.layout('blank')
        return this.#expression(expression.right)
      case 'paren':
        this.#loose('(', start)
        this.#expression(expression.value)
        return this.#loose(')', expression.value.range.end)
    }
  }

  #access({ value, name, nameRange }: Access): void {
    this.#expression(value)
    // Without the blank, `1 .a` would be the float `1.` and a name.
    if (value.kind === 'literal' && value.type === 'number') this.#flow.layout('blank')
    this.#loose('.', value.range.end)
    this.#flow.token(name, this.#exact ? nameRange.start : undefined)
  }

  #index(value: Expression, index: Expression, range: Range): void {
    this.#expression(value)
    this.#flow.token('[', this.#afterComments(value.range.end))
    this.#expression(index)
    this.#flow.token(']', range.end - 1)
  }

  /** The offset of the first character from `offset` on that is neither a blank nor in a comment. */
  #afterComments(offset: number): number {
    const blanks = /(?:[ \t\r\n]|\/\*[^]*?\*\/|\/\/.*)*/y
    blanks.lastIndex = offset
    return offset + (blanks.exec(this.#text)?.[0].length ?? 0)
  }

  #array({ elements, range }: ArrayLiteral): void {
    const flow = this.#flow
    flow.token('[', range.start)
    let previous: Range = { start: range.start, end: range.start + 1 }
    for (const [at, element] of elements.entries()) {
      const broken = this.#linesBetween(previous, element.range) !== 0
      if (broken) flow.layout('indent', 'break')
      else if (at > 0) flow.layout('blank')
      this.#expression(element)
      if (at + 1 < elements.length) this.#loose(',', element.range.end)
      if (broken) flow.layout('outdent')
      previous = element.range
    }
    if (elements.length > 0 && this.#linesBetween(previous, lastOf(range)) !== 0) {
      this.#loose(',', previous.end)
      // Comments after the last element belong to the list.
      flow.layout('indent', 'break', 'outdent')
    }
    flow.token(']', range.end - 1)
  }

  #object({ fields, range }: ObjectLiteral): void {
    const flow = this.#flow
    flow.token('{', range.start)
    flow.layout('indent')
    let previous: Range = { start: range.start, end: range.start + 1 }
    let columnsGoOn = false
    for (const [at, field] of fields.entries()) {
      if (this.#linesBetween(previous, field.nameRange) !== 0) flow.layout(columnsGoOn ? 'line' : 'break')
      else if (at > 0) flow.layout('blank')
      flow.token(field.quoted ? quote(field.name) : field.name, field.nameRange.start)
      this.#assignment(field.nameRange, field.value)
      if (at + 1 < fields.length) this.#loose(',', field.value.range.end)
      // Alloy compares with the name of the field, not with the end of its value.
      previous = field.nameRange
      columnsGoOn = this.#isOneLine(field.value.range)
    }
    if (fields.length > 0 && this.#linesBetween(previous, lastOf(range)) !== 0) {
      this.#loose(',', fields.at(-1)?.value.range.end ?? previous.end)
      flow.layout('break')
    }
    flow.layout('outdent')
    flow.token('}', range.end - 1)
  }

  #call({ value, args, range }: Call): void {
    const flow = this.#flow
    this.#expression(value)
    this.#loose('(', value.range.end)
    let previous = value.range
    for (const [at, arg] of args.entries()) {
      const broken = this.#linesBetween(previous, arg.range) !== 0
      if (broken) flow.layout('break', 'indent')
      this.#expression(arg)
      if (at + 1 < args.length) {
        this.#loose(',', arg.range.end)
        flow.layout('blank')
      }
      if (broken) flow.layout('outdent')
      previous = arg.range
    }
    if (args.length > 0 && this.#linesBetween(previous, lastOf(range)) !== 0) {
      this.#loose(',', previous.end)
      flow.layout('break')
    }
    flow.token(')', this.#exact ? range.end - 1 : undefined)
  }

  /** How many lines `to` starts below the last character of `from`. */
  #linesBetween(from: Range, to: Range): number {
    return this.#flow.lineOf(to.start) - this.#flow.lineOf(from.end - 1)
  }

  #isOneLine(range: Range): boolean {
    return this.#flow.lineOf(range.start) === this.#flow.lineOf(range.end - 1)
  }
}

/** The closing bracket of a literal or a call. */
function lastOf(range: Range): Range {
  return { start: range.end - 1, end: range.end }
}
