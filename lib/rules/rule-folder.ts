/** The rule files of a ruler: a namespace is a file of a folder, by its name without `.yaml` or `.yml`. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf, writeAtomic } from '../disk/atomic.ts'
import { LogstreamError } from '../errors.ts'
import { parseYaml, plainOf, type Node } from '../go/yaml/tree.ts'
import { writeYaml } from '../go/yaml/write.ts'

export interface RuleFile {
  readonly namespace: string
  readonly path: string
  readonly text: string
}

const ENDING = /\.ya?ml$/

/** A name on disk may be 255 bytes long. */
const LONGEST = 200

export class RuleFolder {
  readonly path: string

  /** `path`: a folder, or one file. */
  constructor(path: string) {
    this.path = path
  }

  /** All files, by name. None where the folder doesn't exist. Rejects for what can't be read. */
  async read(): Promise<readonly RuleFile[]> {
    const paths = await this.#paths()
    return await Promise.all(
      paths.map(async (path) => ({
        namespace: namespaceOf(path),
        path,
        text: await readFile(path, 'utf8'),
      })),
    )
  }

  /** Differs from that of an earlier moment when a file has changed. Never rejects. */
  async stamp(): Promise<string> {
    try {
      const stamps = (await this.#paths()).map(async (path) => {
        const { ino, size, mtimeMs } = await stat(path)
        return `${path} ${ino} ${size} ${mtimeMs}`
      })
      return (await Promise.all(stamps)).join('\n')
    } catch (error) {
      return codeOf(error)
    }
  }

  /** Writes the groups of a namespace; none: its file is deleted. Comments of the file are lost. */
  async write(namespace: string, groups: readonly unknown[]): Promise<void> {
    const paths = await this.#paths()
    const known = paths.find((path) => namespaceOf(path) === namespace)
    if (known === undefined && paths[0] === this.path)
      throw new LogstreamError(
        'IO',
        `${this.path} is one file: for other namespaces, set the path of the rules to a folder`,
      )
    if (groups.length > 0)
      return await writeAtomic(known ?? this.#pathOf(namespace), writeYaml({ groups }), { mode: 0o644 })
    if (known !== undefined) await rm(known, { force: true })
  }

  // No namespace is a path: `/` is written as %2F, and `..` gets an ending.
  #pathOf(namespace: string): string {
    return join(this.path, `${encodeURIComponent(namespace)}.yaml`)
  }

  async #paths(): Promise<readonly string[]> {
    try {
      if (!(await stat(this.path)).isDirectory()) return [this.path]
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
    const names = (await readdir(this.path)).filter((name) => ENDING.test(name) && !name.startsWith('.'))
    return names.sort().map((name) => join(this.path, name))
  }
}

/** Why a namespace can't be written; `undefined`: it can. */
export function namespaceProblem(namespace: string): string | undefined {
  if (namespace === '' || namespace.startsWith('.'))
    return 'a namespace needs a name that doesn’t begin with "."'
  if (/\p{Cc}/u.test(namespace)) return 'a namespace has no control characters'
  return encodeURIComponent(namespace).length > LONGEST
    ? `a namespace has at most ${LONGEST} bytes as part of an address`
    : undefined
}

function namespaceOf(path: string): string {
  const name = basename(path).replace(ENDING, '')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The groups of a file as plain values, to be changed and written again. */
export function plainGroups(text: string): readonly Readonly<Record<string, unknown>>[] {
  const { root } = parseYaml(text)
  const groups = root.kind === 'map' ? root.entries.find(({ key }) => key === 'groups')?.value : undefined
  return groups?.kind === 'list' ? groups.items.map((item) => plain(item) as Record<string, unknown>) : []
}

/** One group as a plain value. */
export function plainOfText(text: string): Readonly<Record<string, unknown>> {
  return plain(parseYaml(text).root) as Record<string, unknown>
}

// Whole numbers stay numbers, as in `limit: 10`; the rest are texts.
function plain(node: Node): unknown {
  if (node.kind === 'scalar') {
    const found = plainOf(node)
    return found.kind === 'int' ? found.value : node.text
  }
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
}
