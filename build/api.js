/**
 * `npm run docs:api`: what the library exports, read from its types: docs/api.json for programs, docs/api.md for people. Stages are left to their own page of the reference.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { API, SymbolFlags } from 'typescript/unstable/sync'
import { endpointFields } from '../dist/lib/components/loki.write/endpoint-options.js'
import { lokiWrite } from '../dist/lib/components/loki.write/loki-write.js'
import { apiPage } from './site/api-page.js'

const ENTRIES = { '': 'index', '/pino': 'transport/pino', '/winston': 'transport/winston' }
const OUT = process.argv[2] ?? 'docs'

const FIELDS = { ...lokiWrite.fields, ...endpointFields }

const { name: PACKAGE } = JSON.parse(readFileSync('package.json', 'utf8'))
const api = new API({ cwd: resolve('.') })
const [project] = api.updateSnapshot({ openProject: resolve('build/api.tsconfig.json') }).getProjects()
const { program, checker } = project

/** Of an export or of a member: where it is declared, in our own files. */
function declarationOf(symbol) {
  const node = symbol.declarations[0]?.resolve(project)
  const file = node?.getSourceFile().fileName
  return file === undefined || relative('dist', file).startsWith('..') ? undefined : node
}

/** As it is written, without comments and what every declaration has. */
function textOf(node) {
  return node
    .getText()
    .replaceAll(/\/\*\*[^]*?\*\//g, '')
    .replace(/^(export )?(default )?(declare )?/, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/;$/, '')
}

function docsOf(symbol) {
  const tags = checker.getJsDocTagsOfSymbol(symbol)
  const example = tags.find(({ name }) => name === 'example')?.text
  return {
    text: checker.getDocumentationCommentOfSymbol(symbol),
    ...(example === undefined ? {} : { example }),
  }
}

/** The members that we declare, or compute from the fields of `loki.write`; not those of Node and winston. */
function membersOf(symbol) {
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).flatMap((member) => {
    const { name } = member
    const field = FIELDS[name]
    const node = declarationOf(member)
    if (/^[#_]/.test(name) || (field ?? node) === undefined) return []
    if (node !== undefined && !textOf(node).includes('Field<'))
      return [{ name, signature: textOf(node), ...docsOf(member) }]
    const optional = member.flags & SymbolFlags.Optional ? '?' : ''
    const type = checker
      .typeToString(checker.getTypeOfSymbol(member))
      .replace(/ \| undefined$/, '')
      .replace(/^InputOf<.*/, '{ … }')
    return [{ name, signature: `readonly ${name}${optional}: ${type}`, text: field?.doc ?? '' }]
  })
}

const KINDS = [
  ['function', SymbolFlags.Function],
  ['class', SymbolFlags.Class],
  ['interface', SymbolFlags.Interface],
  ['type', SymbolFlags.TypeAlias],
  ['constant', SymbolFlags.Variable],
]

function describe(name, symbol) {
  const node = declarationOf(symbol)
  const kind = KINDS.find(([, flag]) => symbol.flags & flag)?.[0]
  if (node === undefined || kind === undefined || isStage(node)) return []
  const entry = { name, kind, ...docsOf(symbol) }
  if (kind === 'class' || kind === 'interface') return [{ ...entry, members: membersOf(symbol) }]
  const signature = textOf(node).replace(`function ${symbol.name}<`, `function ${name}<`)
  // An intersection: an interface in all but name.
  if (kind === 'type' && signature.includes(' & '))
    return [{ ...entry, signature, members: membersOf(symbol) }]
  return [{ ...entry, signature }]
}

const isStage = (node) => relative('dist', node.getSourceFile().fileName).startsWith('transforms')

const entries = Object.entries(ENTRIES).map(([path, file]) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(resolve(`dist/lib/${file}.d.ts`)))
  const exports = checker
    .getExportsOfModule(module)
    .flatMap((each) =>
      describe(each.name, each.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each),
    )
  return { import: PACKAGE + path, exports }
})
api.close()
writeFileSync(join(OUT, 'api.json'), `${JSON.stringify(entries, undefined, 2)}\n`)
writeFileSync(join(OUT, 'api.md'), apiPage(entries))
