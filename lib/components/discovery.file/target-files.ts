/**
 * Target files of Prometheus' file_sd_configs: a list of groups, each with addresses and the labels they share.
 * What Prometheus refuses is refused here, so that a file means the same to both.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { toStringValue } from '../../alloy/convert.ts'
import { readYaml } from '../../alloy/stdlib/yaml.ts'
import { typeName, ValueError, type Value } from '../../alloy/value.ts'

/** Names to values, `__address__` among them. */
export type Target = ReadonlyMap<string, string>

/** The files that a path means now, sorted; `*` in its last part stands for any text. A file that is not there is none. */
export async function filesMatching(path: string): Promise<string[]> {
  const name = basename(path)
  if (!name.includes('*')) return (await exists(path)) ? [path] : []
  const folder = dirname(path)
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((each) => matches(name, each))
    .sort()
    .map((each) => join(folder, each))
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

// The parts between stars, each at its first place after the previous one; the last one at the end.
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  const last = parts.pop()!
  const [first = ''] = parts
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1)) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + last.length <= name.length
}

/** Changes whenever the file does. */
export async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path)
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
}

/** Rejects when the file cannot be read or is not of the format. */
export async function readTargetFile(path: string): Promise<Target[]> {
  const text = await readFile(path, 'utf8')
  const groups = path.toLowerCase().endsWith('.json') ? jsonValue(JSON.parse(text)) : readYaml(text)
  if (groups === null) return []
  return listOf('the file', groups).flatMap((group) => targetsOf(group, path))
}

function targetsOf(group: Value, path: string): Target[] {
  if (!(group instanceof Map)) throw expected('a group {targets, labels}', group)
  const unknown = [...group.keys()].find((key) => key !== 'targets' && key !== 'labels')
  if (unknown !== undefined) throw new ValueError(`a group has the key "${unknown}": only targets and labels`)
  const shared = new Map<string, string>()
  const labels = group.get('labels') ?? new Map<string, Value>()
  if (!(labels instanceof Map)) throw expected('labels of a group', labels)
  for (const [name, value] of labels) shared.set(name, toStringValue(value))
  shared.set('__meta_filepath', path)
  return listOf('targets of a group', group.get('targets') ?? []).map(
    (address) => new Map([...shared, ['__address__', toStringValue(address)]]),
  )
}

function listOf(what: string, value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[]
  throw expected(`a list as ${what}`, value)
}

function expected(what: string, found: Value): ValueError {
  return new ValueError(`expected ${what}, found ${typeName(found)}`)
}

function jsonValue(parsed: unknown): Value {
  if (Array.isArray(parsed)) return parsed.map(jsonValue)
  if (typeof parsed === 'object' && parsed !== null)
    return new Map(Object.entries(parsed).map(([key, value]) => [key, jsonValue(value)]))
  return parsed as string | number | boolean | null
}
