/** Positions of the programs that logstream replaces: Promtail's and Alloy's `positions.yml`. */
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { readIfExists } from './atomic.ts'
import type { FilePosition, GenerationPosition } from './positions-format.ts'

/**
 * Returns the entries of `file` or, without one or if it doesn't exist, of an Alloy's `positions.yml` in the folder
 * itself. For a file that can't be read it logs a warning and returns none.
 */
export async function importLegacy(
  folder: string,
  file: string | undefined,
  log: Logger,
): Promise<FilePosition[]> {
  for (const candidate of file === undefined
    ? [join(folder, 'positions.yml')]
    : [file, join(folder, 'positions.yml')]) {
    try {
      const bytes = await readIfExists(candidate)
      if (bytes === undefined) continue
      const entries = await parseLegacy(bytes.toString('utf8'))
      log.info(`took over ${entries.length} positions from ${candidate}`)
      return entries
    } catch (error) {
      log.warn(
        `positions of ${candidate} cannot be taken over: ${messageOf(error)}; files without a position are read as tail_from_end says`,
      )
    }
  }
  return []
}

/**
 * `positions:` maps a path (Promtail) or `{path, labels}` (Alloy) to an offset in text. Entries of other sources
 * (`journal-...`) are left out. Throws for other YAML, and for text that isn't YAML.
 */
export async function parseLegacy(text: string): Promise<FilePosition[]> {
  // Loaded on first use, since it takes 40 ms.
  const { parse } = await import('yaml')
  const root: unknown = parse(text, { mapAsMap: true })
  const positions = root instanceof Map ? (root.get('positions') as unknown) : undefined
  if (positions === null) return []
  if (!(positions instanceof Map)) throw new Error('expected a map "positions"')
  const entries: FilePosition[] = []
  for (const [key, value] of positions as Map<unknown, unknown>) {
    const { path, labels } = keyOf(key)
    if (path === undefined || !path.startsWith('/')) continue
    const offset = Number(value)
    const valid = /^\d+$/.test(String(value)) && Number.isSafeInteger(offset)
    entries.push({ path, labels, generations: valid ? [unidentified(offset)] : [], damaged: !valid })
  }
  return entries
}

function keyOf(key: unknown): { path: string | undefined; labels: string } {
  if (typeof key === 'string') return { path: key, labels: '{}' }
  if (!(key instanceof Map)) return { path: undefined, labels: '{}' }
  const path: unknown = key.get('path')
  const labels: unknown = key.get('labels')
  return {
    path: typeof path === 'string' ? path : undefined,
    labels: typeof labels === 'string' && labels !== '' ? labels : '{}',
  }
}

/** An offset in a file that nothing else is known about. */
function unidentified(offset: number): GenerationPosition {
  return { device: '', inode: '', head: 0, hash: '', offset, anchor: 0, size: offset, since: 0 }
}

/**
 * The cursor of a journal job in such a file, where it is named `cursor-NAME` (Promtail, Alloy). `undefined` when there
 * is none; a file that can't be read is told in a warning.
 */
export async function legacyCursor(file: string, name: string, log: Logger): Promise<string | undefined> {
  try {
    const bytes = await readIfExists(file)
    if (bytes === undefined) return undefined
    const { parse } = await import('yaml')
    const root: unknown = parse(bytes.toString('utf8'), { mapAsMap: true })
    const positions = root instanceof Map ? (root.get('positions') as unknown) : undefined
    for (const [key, value] of positions instanceof Map ? (positions as Map<unknown, unknown>) : [])
      if (keyOf(key).path === `cursor-${name}` && typeof value === 'string' && value !== '') {
        log.info(`took over the journal's position from ${file}`)
        return value
      }
    log.warn(`${file} has no position of a journal job "${name}"; max_age says where reading begins`)
  } catch (error) {
    log.warn(
      `positions of ${file} cannot be taken over: ${messageOf(error)}; max_age says where reading begins`,
    )
  }
  return undefined
}
