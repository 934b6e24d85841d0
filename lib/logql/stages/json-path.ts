/** `| json status="req.status", first="items[0].sku"`: labels from chosen places of JSON lines. */
import { JSON_ERROR } from '../syntax/label-names.ts'
import type { Extraction } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import {
  type JsonPart,
  JSON_PROBLEMS,
  type JsonProblem,
  arrayItem,
  unescapeJson,
  walkObject,
} from './json-scan.ts'
import type { Row, Stage } from './stage.ts'

/** Keys and indexes. */
type Path = readonly (string | number)[]

const FIELD = /[a-zA-Z_][a-zA-Z0-9_]*/y
const ACCESS = /\[\s*(?:"([^"\]]*)"|(\d+))\s*\]/y

function refuse(expression: string, offset: number | undefined): LogqlError {
  const message = `cannot parse expression [${expression}]: write keys and indexes, such as req.items[0]["a key"].id`
  return new LogqlError(message, offset === undefined ? {} : { offset })
}

// path = ( field | access ) { "." field | access }   access = "[" ( '"' key '"' | index ) "]"
export function parseJsonPath(expression: string, offset?: number): Path {
  const path: (string | number)[] = []
  const text = expression.trim()
  let at = 0
  while (at < text.length) {
    const dotted = path.length > 0 && text[at] === '.'
    const start = dotted ? at + 1 : at
    FIELD.lastIndex = start
    ACCESS.lastIndex = start
    const field = dotted || path.length === 0 ? FIELD.exec(text)?.[0] : undefined
    const access = field === undefined && !dotted ? ACCESS.exec(text) : null
    if (field !== undefined) {
      path.push(field)
      at = start + field.length
    } else if (access !== null) {
      path.push(access[1] ?? Number(access[2]))
      at = start + access[0].length
    } else throw refuse(expression, offset)
  }
  if (path.length === 0) throw refuse(expression, offset)
  return path
}

function memberOf(text: string, key: string): JsonPart | JsonProblem | undefined {
  let found: JsonPart | undefined
  const step = walkObject(text, (name, value) => {
    if (name !== key) return 'next'
    found = value
    return 'stop'
  })
  if (found !== undefined) return found
  // A broken value is an error only where it was asked for; elsewhere nothing was found.
  return step === JSON_PROBLEMS.unknown ? step : undefined
}

function find(line: string, path: Path): JsonPart | JsonProblem | undefined {
  let part: JsonPart | JsonProblem | undefined
  let text = line
  for (const step of path) {
    const isArray = text.trimStart().startsWith('[')
    if (typeof step === 'number') part = isArray ? arrayItem(text, step) : undefined
    else part = isArray ? undefined : memberOf(text, step)
    if (part === undefined || typeof part === 'string') return part
    text = part.text
    if (part.kind !== 'object' && part.kind !== 'array') text = ''
  }
  return part
}

function textOf(part: JsonPart): string {
  if (part.kind === 'null') return ''
  if (part.kind === 'object') return part.text
  return (unescapeJson(part.text) ?? '').replaceAll('\ufffd', ' ')
}

interface Target {
  readonly name: string
  readonly path: Path
}

function extract({ line, labels }: Row, targets: readonly Target[]): void {
  const first = line[0]
  if (first !== '"' && first !== '{' && first !== '[') {
    labels.fail(JSON_ERROR, undefined)
    return
  }
  for (const { name, path } of targets) {
    const part = find(line, path)
    if (typeof part === 'string') labels.fail(JSON_ERROR, part)
    else if (part !== undefined) labels.set(labels.parsedName(name), textOf(part))
  }
  for (const { name } of targets) if (labels.get(name) === undefined) labels.set(name, '')
}

/**
 * A missing place gives an empty label; objects and arrays give their JSON text.
 *
 * @throws {LogqlError} for an expression that is no path
 */
export function jsonPathStage(extractions: readonly Extraction[], offset?: number): Stage {
  const targets = extractions.map(({ name, expression }) => ({
    name,
    path: parseJsonPath(expression, offset),
  }))
  return {
    names: [],
    process(row) {
      const { line, labels } = row
      if (line !== '' && !labels.hints.noLabels && !labels.complete) extract(row, targets)
      return true
    },
  }
}
