/** `| json status="req.status", first="items[0].sku"`: labels from chosen paths of JSON lines. */
import { JSON_ERROR } from '../syntax/label-names.ts'
import type { Extraction } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { type JsonPath, findPaths } from './json-find.ts'
import { type JsonPart, unescapeJson } from './json-scan.ts'
import type { Row, Stage } from './stage.ts'

const FIELD = /[a-zA-Z_][a-zA-Z0-9_]*/y
const ACCESS = /\[\s*(?:"([^"\]]*)"|(\d+))\s*\]/y

function refuse(expression: string, offset: number | undefined): LogqlError {
  const message = `cannot parse expression [${expression}]: write keys and indexes, such as req.items[0]["a key"].id`
  return new LogqlError(message, offset === undefined ? {} : { offset })
}

// path = ( field | access ) { "." field | access }   access = "[" ( '"' key '"' | index ) "]"
export function parseJsonPath(expression: string, offset?: number): JsonPath {
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

function textOf(part: JsonPart): string {
  if (part.kind === 'null') return ''
  if (part.kind === 'object') return part.text
  return (unescapeJson(part.text) ?? '').replaceAll('\ufffd', ' ')
}

interface Targets {
  readonly names: readonly string[]
  readonly paths: readonly JsonPath[]
}

function extract({ line, labels }: Row, { names, paths }: Targets): void {
  const first = line[0]
  if (first !== '"' && first !== '{' && first !== '[') {
    labels.fail(JSON_ERROR, undefined)
    return
  }
  let found = 0
  findPaths(line, paths, (i, value) => {
    if (typeof value === 'string') {
      labels.fail(JSON_ERROR, value)
      return
    }
    labels.set(labels.parsedName(names[i]!), textOf(value))
    found++
  })
  if (found === names.length) return
  for (const name of names) if (labels.get(name) === undefined) labels.set(name, '')
}

/**
 * A path that leads nowhere makes an empty label; objects and arrays make labels of their JSON text.
 *
 * @throws {LogqlError} for an expression that isn't a path
 */
export function jsonPathStage(extractions: readonly Extraction[], offset?: number): Stage {
  const targets: Targets = {
    names: extractions.map(({ name }) => name),
    paths: extractions.map(({ expression }) => parseJsonPath(expression, offset)),
  }
  return {
    names: [],
    process(row) {
      const { line, labels } = row
      if (line !== '' && !labels.hints.noLabels && !labels.complete) extract(row, targets)
      return true
    },
  }
}
