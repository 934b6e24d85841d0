/** Alloy config text from values: attributes, blocks and files, put into canonical form by the printer. */
import { parseFile } from '../../alloy/parser.ts'
import { printFile } from '../../alloy/printer.ts'
import { isIdentifier } from '../../alloy/scanner.ts'
import { quote } from '../../go/strconv/quote.ts'
import { compareText } from '../../go/strings/order.ts'
import { LogstreamError } from '../../errors.ts'
import { formatBytes } from '../../formats/bytes.ts'
import { formatDuration } from '../../go/duration.ts'
import { formatFloat } from '../../go/strconv/number.ts'

export interface Attribute {
  readonly kind: 'attribute'
  readonly name: string
  /** The expression as written in a config. */
  readonly text: string
}

export interface Block {
  readonly kind: 'block'
  readonly name: string
  readonly label: string | undefined
  readonly body: Body
}

/** What a body holds, in order; undefined is what was left out. */
export type Body = readonly (Attribute | Block | undefined)[]

/** A text, a number or a truth value as an expression. */
function literal(value: string | number | boolean): string {
  if (typeof value === 'string') return quote(value)
  return typeof value === 'number' ? formatFloat(value === 0 ? 0 : value) : String(value)
}

/** `name = expression`, with the expression as text. */
export function expression(name: string, text: string): Attribute {
  return { kind: 'attribute', name, text }
}

/** `name = value`, left out when the value is `unless`: what the component takes when nothing is given. */
export function attribute(
  name: string,
  value: string | number | boolean | undefined,
  unless?: string | number | boolean,
): Attribute | undefined {
  return value === undefined || value === unless ? undefined : expression(name, literal(value))
}

/** `name = "1m30s"` from nanoseconds, left out when they are `unless`. */
export function timeAttribute(name: string, ns: number, unless?: number): Attribute | undefined {
  return attribute(name, ns === unless ? undefined : formatDuration(ns))
}

/** `name = "1MiB"` from bytes, left out when they are `unless`. */
export function sizeAttribute(name: string, bytes: number, unless?: number): Attribute | undefined {
  return attribute(name, bytes === unless ? undefined : formatBytes(bytes))
}

/** `name = ["a", "b"]`; undefined is left out. */
export function listAttribute(
  name: string,
  values: readonly (string | number)[] | undefined,
): Attribute | undefined {
  return values === undefined ? undefined : expression(name, listText(values))
}

/** `name = { key = "value" }`, keys in order; undefined is left out. */
export function mapAttribute(
  name: string,
  values: ReadonlyMap<string, string | undefined> | undefined,
): Attribute | undefined {
  return values === undefined ? undefined : expression(name, mapText(values))
}

/** A block, written even when it is empty. */
export function block(name: string, body: Body, label?: string): Block {
  return { kind: 'block', name, label, body }
}

/** A block that is left out when nothing is in it. */
export function blockUnlessEmpty(name: string, body: Body): Block | undefined {
  return body.some((item) => item !== undefined) ? block(name, body) : undefined
}

export function listText(values: readonly (string | number)[]): string {
  return `[${values.map(literal).join(', ')}]`
}

/** An object expression over several lines with its keys in order; a key without a value is null. */
export function mapText(values: ReadonlyMap<string, string | undefined>): string {
  return objectText([...values].map(([key, value]) => [key, value === undefined ? 'null' : quote(value)]))
}

/** The same from keys and expressions. */
export function objectText(pairs: readonly (readonly [key: string, text: string])[]): string {
  if (pairs.length === 0) return '{}'
  const lines = pairs
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, text]) => `${isIdentifier(key) ? key : quote(key)} = ${text},\n`)
  return `{\n${lines.join('')}}`
}

/** A name that is fit for a label: letters, digits and underscores, no digit first, no keyword. */
export function labelOf(text: string): string {
  if (isIdentifier(text)) return text
  const clean = text.replace(/[^\p{L}\p{Nd}_]/gu, '_').replace(/^(?=\p{Nd})/u, '_')
  return isIdentifier(clean) ? clean : `${clean}_`
}

function bodyText(body: Body): string {
  return body.map((item) => (item === undefined ? '' : `${itemText(item)}\n`)).join('')
}

function itemText(item: Attribute | Block): string {
  if (item.kind === 'attribute') return `${item.name} = ${item.text}`
  const label = item.label === undefined ? '' : ` ${quote(item.label)}`
  return `${item.name}${label} {\n${bodyText(item.body)}}`
}

/** The canonical text of a whole file; an empty body gives an empty text. */
export function fileText(body: Body): string {
  if (body.every((item) => item === undefined)) return ''
  const { file, diagnostics } = parseFile({ name: 'converted', text: bodyText(body) })
  const [wrong] = diagnostics
  if (wrong !== undefined)
    throw new LogstreamError(
      'INTERNAL',
      `the converted config does not parse: ${wrong.message}; please report this`,
    )
  return printFile(file)
}
