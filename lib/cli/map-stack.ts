/** Stack traces of the bundled command that name our files and lines. */
import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'

/**
 * Returns `stack` with the places in `script` as the source map beside it has them; as it was without a map. Parsing the
 * map takes 0.3 s and 100 MiB, so it's for traces that are shown: Node's streams read the stack of every error.
 */
export function mapStack(stack: string, script: string): string {
  const [head = '', ...rest] = stack.split(`${script}:`)
  const map = rest.length > 0 ? readMap(`${script}.map`) : undefined
  if (map === undefined) return stack
  return head + rest.map((text) => mapped(map, text) ?? `${script}:${text}`).join('')
}

/** Returns `text`, which begins with a line and column of the script, with ours; undefined if it doesn't. */
function mapped(map: SourceMap, text: string): string | undefined {
  const [place, line, column] = /^(\d+):(\d+)/.exec(text) ?? []
  if (place === undefined) return undefined
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
  if (!('originalSource' in entry)) return undefined
  const file = entry.originalSource.replace(/^(\.\.\/)+/, '')
  return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}${text.slice(place.length)}`
}

function readMap(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined
  }
}
