/**
 * The parts of a config text that must not leave this machine. The fields of components and blocks say which attributes
 * are secret; where nothing says so (arguments of modules, comments) everything is hidden.
 */
import type { Attribute, Block, Expression, File, Statement } from '../alloy/ast.ts'
import { parseFile } from '../alloy/parser.ts'
import type { Range, Source } from '../alloy/source.ts'
import type { ComponentDefinition } from '../component/component.ts'
import type { Field, Fields } from '../component/fields.ts'
import { components } from '../components/index.ts'
import { stageDefinitions } from '../registry.ts'
import { configBlocks } from '../run/plan/config-blocks.ts'
import { HIDDEN, isSensitive, secretRangesInUrls, SENSITIVE_MAPS } from './secrets.ts'

/** A hidden part and what is shown instead. */
interface Part extends Range {
  readonly shown: string
}

interface Hiding {
  readonly parts: Part[]
  readonly strict: boolean
}

/** Returns the text with `(secret)` for everything hidden; every line keeps its number. */
export function redacted(source: Source): string {
  let text = ''
  let at = 0
  for (const { start, end, shown } of hiddenParts(source, true)) {
    const breaks = source.text.slice(start, end).replaceAll(/[^\n]/g, '')
    text += source.text.slice(at, start) + shown + breaks
    at = end
  }
  return text + source.text.slice(at)
}

/** Returns the source with stars over everything hidden, so that all places in it stay the same. */
export function masked(source: Source): Source {
  let { text } = source
  for (const { start, end } of hiddenParts(source, false))
    text = text.slice(0, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, '*') + text.slice(end)
  return { name: source.name, text }
}

/**
 * In the order of the text, none inside another. `strict`: also whatever isn't declared to be harmless, which is too
 * much for messages that people must understand.
 */
function hiddenParts(source: Source, strict: boolean): Part[] {
  const { file, diagnostics } = parseFile(source)
  const parts: Part[] = []
  hideInModule(file.body, { parts, strict })
  if (strict) hideComments(file, parts)
  if (diagnostics.length > 0) hideByName(source.text, parts)
  parts.sort((a, b) => a.start - b.start || b.end - a.end)
  let end = 0
  return parts.filter((part) => {
    if (part.start < end) return false
    end = part.end
    return true
  })
}

function hideComments({ comments }: File, parts: Part[]): void {
  for (const { text, range } of comments)
    parts.push({ ...range, shown: text.startsWith('//') ? '// left out' : '/* left out */' })
}

// A text that can't be parsed may still hold secrets.
function hideByName(text: string, parts: Part[]): void {
  for (const match of text.matchAll(/^[ \t]*"?([\w.-]+)"?[ \t]*=[ \t]*(\S.*)$/dgm)) {
    const [start, end] = match.indices![2]!
    if (isSensitive(match[1]!)) parts.push({ start, end, shown: HIDDEN })
  }
  for (const range of secretRangesInUrls(text)) parts.push({ ...range, shown: HIDDEN })
}

function hideInModule(body: readonly Statement[], to: Hiding): void {
  for (const statement of body) {
    if (statement.kind === 'attribute') hideInAttribute(statement, undefined, to)
    else if (['declare', 'foreach', 'template'].includes(statement.name)) hideInModule(statement.body, to)
    else hideInBlock(statement.body, fieldsOf(statement), to)
  }
}

// A module's arguments and exports can be anything, so they are hidden completely.
function fieldsOf({ name }: Block): Fields {
  const definition: ComponentDefinition | undefined = components.get(name)
  return definition?.fields ?? configBlocks.get(name)?.fields ?? {}
}

function hideInBlock(body: readonly Statement[], fields: Fields, to: Hiding): void {
  for (const statement of body) {
    if (statement.kind === 'attribute') hideInAttribute(statement, fields[statement.name], to)
    else hideInBlock(statement.body, innerFields(statement.name, fields), to)
  }
}

function innerFields(name: string, fields: Fields): Fields {
  const dot = name.indexOf('.')
  const field = fields[dot < 0 ? name : name.slice(0, dot)]
  const variant = name.slice(dot + 1)
  switch (field?.kind) {
    case 'block':
    case 'blocks':
      return field.fields as Fields
    case 'variants':
      return (field.variants as Readonly<Record<string, Fields>>)[variant] ?? {}
    case 'stages':
      return stageDefinitions.get(variant)?.fields ?? {}
    default:
      return {}
  }
}

function hideInAttribute({ name, value }: Attribute, field: Field | undefined, to: Hiding): void {
  const type = field?.kind === 'attribute' ? (field.type as { name: string }).name : 'any'
  // The text of a module is a config of its own.
  const undeclared = /\bany\b/.test(type) || (name === 'content' && type === 'string')
  const secret = type.includes('secret') || SENSITIVE_MAPS.has(name) || isSensitive(name)
  if (secret || (undeclared && to.strict)) hideAll(value, to)
  else hideWithin(value, to)
}

// Strings that may be shown, except passwords in URLs and values under telling names.
function hideWithin(expression: Expression, to: Hiding): void {
  if (expression.kind === 'literal') {
    if (expression.type !== 'string') return
    for (const { start, end } of secretRangesInUrls(expression.raw))
      to.parts.push({
        start: expression.range.start + start,
        end: expression.range.start + end,
        shown: HIDDEN,
      })
    return
  }
  if (expression.kind === 'object') {
    for (const { name, value } of expression.fields)
      if (isSensitive(name)) hideAll(value, to)
      else hideWithin(value, to)
    return
  }
  // The password of a URL made of parts can't be found: if it may be a URL, all parts are hidden.
  if (['binary', 'call'].includes(expression.kind) && mentionsUrl(expression)) return hideAll(expression, to)
  for (const inner of innerOf(expression)) hideWithin(inner, to)
}

function mentionsUrl(expression: Expression): boolean {
  if (expression.kind === 'literal') return expression.raw.includes('://') || expression.raw.includes('@')
  return innerOf(expression).some(mentionsUrl)
}

// All strings and numbers, except names of environment variables.
function hideAll(expression: Expression, to: Hiding): void {
  if (expression.kind === 'literal') {
    if (['string', 'number', 'float'].includes(expression.type))
      to.parts.push({ ...expression.range, shown: `"${HIDDEN}"` })
    return
  }
  if (expression.kind === 'call' && isEnvironment(expression.value)) return
  for (const inner of innerOf(expression)) hideAll(inner, to)
}

function isEnvironment(callee: Expression): boolean {
  if (callee.kind === 'identifier') return callee.name === 'env'
  return (
    callee.kind === 'access' &&
    callee.name === 'env' &&
    callee.value.kind === 'identifier' &&
    callee.value.name === 'sys'
  )
}

function innerOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return []
    case 'array':
      return expression.elements
    case 'object':
      return expression.fields.map(({ value }) => value)
    case 'access':
    case 'unary':
    case 'paren':
      return [expression.value]
    case 'index':
      return [expression.value, expression.index]
    case 'call':
      return [expression.value, ...expression.args]
    case 'binary':
      return [expression.left, expression.right]
  }
}
