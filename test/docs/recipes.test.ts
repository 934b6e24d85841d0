/** Applies the recipes of CONTRIBUTING.md to a copy of the tree, compiles it, and runs what they add. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { transformSync } from 'esbuild'
import t, { type Test } from 'tap'
import { API } from 'typescript/unstable/sync'

interface Diff {
  readonly recipe: string
  readonly file: string
  readonly hunks: readonly (readonly string[])[]
}

/** The `diff` blocks in order; the first line names the file, `@@` separates places in it. */
const diffs = readFileSync('CONTRIBUTING.md', 'utf8')
  .split(/^### /m)
  .slice(1)
  .flatMap((section): Diff[] => {
    const recipe = section.slice(0, section.indexOf('\n'))
    return [...section.matchAll(/^```diff\n\+\+\+ (\S+)\n([^]*?)\n```$/gm)].map(([, file, body]) => ({
      recipe,
      file: file!,
      hunks: body!.split('\n@@\n').map((hunk) => hunk.split('\n')),
    }))
  })

/** The file with the diff applied: the lines with a space or `-` must be there, together, once. */
function applied(tap: Test, { file, hunks }: Diff, before: string): string {
  let text = before
  for (const hunk of hunks) {
    const pick = (marks: string): string =>
      hunk
        .filter((line) => marks.includes(line[0] ?? ' '))
        .map((line) => `${line.slice(1)}\n`)
        .join('')
    const old = pick(' -')
    if (old !== '') tap.equal(text.split(old).length, 2, `${file} holds once:\n${old}`)
    text = old === '' ? text + pick(' +') : text.replace(old, () => pick(' +'))
  }
  return text
}

function run(folder: string, ...args: string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  return { status, out: `${stdout}${stderr}` }
}

/** The type errors in the folders of these files, which hold what they change as well; a check of everything takes 20 s of CPU. */
function mistakes(copy: string, sources: readonly string[]): string[] {
  const config = join(copy, 'tsconfig.recipes.json')
  const include = [...new Set(sources.map((file) => `${dirname(file)}/*.ts`))]
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include }))
  const api = new API({ cwd: copy })
  try {
    const { program } = api.updateSnapshot({ openProject: config }).getProject(config)!
    const checked = include.flatMap((pattern) =>
      readdirSync(join(copy, dirname(pattern)))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(copy, dirname(pattern), name)),
    )
    return checked
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      .map(({ fileName, text }) => `${relative(copy, fileName ?? '')}: ${text}`)
  } finally {
    api.close()
  }
}

function compile(copy: string, source: string): void {
  const { code } = transformSync(readFileSync(join(copy, source), 'utf8'), { loader: 'ts' })
  const to = join(copy, 'dist', source.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, code.replaceAll(/(?<=(?:from |import\()["']\.[^"']*)\.ts(?=["'])/g, '.js'))
}

void t.test('a recipe touches no more files than its title says', (tap) => {
  const words = ['no', 'one', 'two', 'three', 'four']
  const recipes = [...new Set(diffs.map(({ recipe }) => recipe))]
  tap.equal(recipes.length, 5)
  for (const recipe of recipes) {
    const files = new Set(diffs.filter((diff) => diff.recipe === recipe).map(({ file }) => file))
    tap.match(recipe, new RegExp(`: ${words[files.size]} files$`))
  }
  tap.end()
})

void t.test('the recipes work', (tap) => {
  const copy = tap.testdir({})
  for (const part of [
    'bin',
    'lib',
    'page',
    'transforms',
    'test',
    'fixtures',
    'ARCHITECTURE.md',
    'package.json',
    'tsconfig.json',
  ])
    cpSync(part, join(copy, part), { recursive: true })
  // What a recipe doesn't touch is as it was compiled.
  for (const part of ['lib', 'transforms', 'test'])
    cpSync(join('dist', part), join(copy, 'dist', part), {
      recursive: true,
      filter: (name) => !/\.(?:map|d\.ts)$/.test(name),
    })
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  for (const diff of diffs) {
    const path = join(copy, diff.file)
    const isNew = diff.hunks.every((hunk) => hunk.every((line) => line.startsWith('+')))
    const text = applied(tap, diff, isNew ? '' : readFileSync(path, 'utf8'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const sources = [...new Set(diffs.map(({ file }) => file))].filter((file) => file.endsWith('.ts'))
  tap.same(mistakes(copy, sources), [])
  // The command that the build has left is a bundle, without what the recipes add.
  for (const source of [...sources, 'bin/logstream.ts']) compile(copy, source)
  const tests = [...sources.filter((file) => file.endsWith('.test.ts')), 'test/architecture.test.ts']
  const all = tests.map((file) => `import './dist/${file.replace(/\.ts$/, '.js')}'\n`)
  writeFileSync(join(copy, 'all.mjs'), all.join(''))
  const { status, out } = run(copy, 'all.mjs')
  tap.equal(status, 0, out)
  const file = join(copy, 'config.alloy')
  writeFileSync(
    file,
    'loki.source.heartbeat "x" { forward_to = [loki.process.x.receiver] }\nloki.process "x" {\n\tforward_to = [loki.discard.x.receiver]\n\tstage.upper { }\n}\nloki.discard "x" { }\n',
  )
  const validated = run(copy, join('dist', 'bin', 'logstream.js'), 'validate', file)
  tap.equal(validated.status, 0, validated.out)
  tap.match(
    run(copy, join('dist', 'bin', 'logstream.js'), 'docs', 'upper').out,
    'Turns the line into upper case.',
  )
  tap.end()
})
