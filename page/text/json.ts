/** JSON in log lines: the fields of an object, and the whole of it over several rows. */

/** The object that a line is; `undefined` for any other line. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined
  try {
    return JSON.parse(trimmed) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

/** The same JSON spread over rows, its numbers and strings as they were written; `undefined` for any other line. */
export function prettyJson(text: string): string | undefined {
  return objectIn(text) === undefined ? undefined : indented(text)
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

function indented(text: string): string {
  let out = ''
  let depth = 0
  const row = (): string => `\n${'  '.repeat(depth)}`
  let before = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--
    const opened = before === '{' || before === '['
    if (token === '}' || token === ']') out += opened ? token : row() + token
    else out += (opened || before === ',' ? row() : '') + (token === ':' ? ': ' : token)
    if (token === '{' || token === '[') depth++
    before = token
  }
  return out
}

/** Names and values as `| json` would find them: nested names joined by `_`, arrays left out. */
export function jsonFields(found: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  const fields: [string, string][] = []
  collect(found, '', fields)
  return fields
}

const MOST_FIELDS = 200

function collect(from: Readonly<Record<string, unknown>>, prefix: string, into: [string, string][]): void {
  for (const [key, value] of Object.entries(from)) {
    if (into.length >= MOST_FIELDS) return
    const name = `${prefix}${key.replaceAll(/[^A-Za-z0-9_]/g, '_')}`
    if (value === null || Array.isArray(value)) continue
    if (typeof value === 'object') collect(value as Readonly<Record<string, unknown>>, `${name}_`, into)
    else into.push([name, String(value as string | number | boolean)])
  }
}
