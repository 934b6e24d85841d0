/** Stack traces of the bundled command that name our files and lines. The source map is read with the first of them. */
import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'

/** Node's type leaves out that a call site knows how it is written in a trace. */
interface Site extends NodeJS.CallSite {
  toString(): string
}

/** Maps the traces of all errors from now on that lead through `script`, by the source map beside it. */
export function mapStacks(script: string): void {
  let map: SourceMap | undefined
  Error.prepareStackTrace = (error: Error & { code?: unknown }, sites: Site[]) => {
    const { name, message, code } = error
    // As Node writes its own errors.
    const named = typeof code === 'string' && code.startsWith('ERR_')
    const head = named ? `${name} [${code}]: ${message}` : Error.prototype.toString.call(error)
    return [head, ...sites.map((site) => `    at ${placed(site)}`)].join('\n')
  }

  const placed = (site: Site): string => {
    const text = site.toString()
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()]
    if (site.getFileName() !== script || line === null || column === null) return text
    try {
      map ??= new SourceMap(JSON.parse(readFileSync(`${script}.map`, 'utf8')) as SourceMapPayload)
      const entry = map.findEntry(line - 1, column - 1)
      if (!('originalSource' in entry)) return text
      const file = entry.originalSource.replace(/^(\.\.\/)+/, '')
      const place = `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      return text.replace(`${script}:${line}:${column}`, () => place)
    } catch {
      return text
    }
  }
}
