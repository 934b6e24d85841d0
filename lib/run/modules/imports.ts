/** Imports: texts of modules become the declares that they hold. */
import { dirname, join, resolve } from 'node:path'
import type { WatchSettings } from '../../disk/watch-file.ts'
import { errorAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import { parseFile } from '../../alloy/parser.ts'
import { messageOf } from '../../errors.ts'
import type { Body, Declared, NameScope } from '../plan/module-body.ts'

/** How module files are reached. */
export interface ModuleFiles {
  read(path: string): string
  isFolder(path: string): boolean
  list(folder: string): string[]
}

export interface ImportRequest {
  readonly kind: string
  readonly label: string
  readonly options: Readonly<Record<string, unknown>>
  readonly modulePath: string
  readonly files: ModuleFiles
  /** What was fetched, for a module on another machine. */
  readonly texts?: readonly ModuleText[]
  /** Enters the declares and imports of a body into a scope. */
  readonly read: (body: Body, scope: NameScope) => void
}

export interface ImportResult {
  /** `undefined`: the import couldn't be read, so everything that uses it fails. */
  readonly declares: ReadonlyMap<string, Declared> | undefined
  /** What it was read from on this machine. */
  readonly watch: readonly WatchSettings[]
  readonly problem?: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface ModuleText {
  readonly name: string
  readonly text: string
  readonly modulePath: string
}

export function importDeclares(request: ImportRequest): ImportResult {
  const watch: WatchSettings[] = []
  let texts: readonly ModuleText[]
  try {
    texts = textsOf(request, watch)
  } catch (error) {
    return {
      declares: undefined,
      watch,
      problem: `${request.kind} "${request.label}": ${messageOf(error)}`,
      diagnostics: [],
    }
  }
  const scope: NameScope = {
    parent: undefined,
    declares: new Map<string, Declared>(),
    imports: new Map<string, undefined>(),
  }
  const diagnostics: Diagnostic[] = []
  for (const { name, text, modulePath } of texts) {
    const { file, diagnostics: found } = parseFile({ name, text })
    diagnostics.push(...found)
    if (found.length > 0) continue
    for (const { name: block, source, nameRange } of emptyDeclares(file.body, file.source))
      diagnostics.push(
        errorAt(source, nameRange, `declare "${block}" is empty: put at least one block in it`),
      )
    if (request.kind === 'import.http')
      for (const statement of file.body)
        if (statement.kind === 'block' && statement.name === 'import.file')
          diagnostics.push(errorAt(file.source, statement.nameRange, NO_FILES))
    request.read({ statements: file.body, source: file.source, modulePath, place: 'import' }, scope)
  }
  return { declares: diagnostics.length > 0 ? undefined : scope.declares, watch, diagnostics }
}

const NO_FILES =
  'a module that comes over HTTP cannot use import.file, since its files are on the other machine: use import.http'

// Alloy doesn't find an empty declare of an imported file; saying so beats "not found".
function* emptyDeclares(
  body: Body['statements'],
  source: Body['source'],
): Generator<{ name: string; source: Body['source']; nameRange: { start: number; end: number } }> {
  for (const statement of body)
    if (statement.kind === 'block' && statement.name === 'declare' && statement.body.length === 0)
      yield { name: statement.label ?? '', source, nameRange: statement.nameRange }
}

function textsOf(request: ImportRequest, watch: WatchSettings[]): readonly ModuleText[] {
  const { kind, label, options, modulePath, files, texts } = request
  if (texts !== undefined) return texts
  if (kind === 'import.string') return [{ name: label, text: String(options['content']), modulePath }]
  const filename = String(options['filename'])
  const follow = (path: string): void =>
    void watch.push({
      path,
      pollMs: Number(options['poll_frequency']),
      notices: options['detector'] !== 'poll',
    })
  follow(filename)
  if (!files.isFolder(filename))
    return [{ name: filename, text: files.read(filename), modulePath: dirname(filename) }]
  const names = files
    .list(filename)
    .filter((name) => name.endsWith('.alloy'))
    .sort()
  if (names.length === 0) throw new Error(`the folder ${filename} has no *.alloy files`)
  return names.map((name) => {
    const path = join(filename, name)
    follow(path)
    return { name: path, text: files.read(path), modulePath: filename }
  })
}

/** Imports whose texts are on other machines. */
export const REMOTE: ReadonlySet<string> = new Set(['import.http', 'import.git'])

/** Returns what tells one import from another, for messages too; '' for texts in the config. */
export function placeOfImport(kind: string, options: Readonly<Record<string, unknown>>): string {
  const { filename, url, repository, revision, path } = options as Record<string, string>
  if (kind === 'import.file') return resolve(filename!)
  if (kind === 'import.http') return url!.replace(/:\/\/[^/@]+@/, '://')
  return kind === 'import.git' ? `${repository!.replace(/:\/\/[^/@]+@/, '://')}@${revision}:${path}` : ''
}
