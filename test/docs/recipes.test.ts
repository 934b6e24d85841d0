/** Applies the recipes of CONTRIBUTING.md to a copy of the tree, compiles it, and runs what they add. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

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
  const parts = [
    'bin',
    'lib',
    'page',
    'transforms',
    'test',
    'fixtures',
    'ARCHITECTURE.md',
    'package.json',
    'tsconfig.json',
  ]
  for (const part of parts) cpSync(part, join(copy, part), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  for (const diff of diffs) {
    const path = join(copy, diff.file)
    const isNew = diff.hunks.every((hunk) => hunk.every((line) => line.startsWith('+')))
    const text = applied(tap, diff, isNew ? '' : readFileSync(path, 'utf8'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const tests = [...new Set(diffs.map(({ file }) => file))].filter((file) => file.endsWith('.test.ts'))
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { declaration: false, sourceMap: false },
    include: ['bin', ...tests, 'test/architecture.test.ts'],
  }
  writeFileSync(join(copy, 'tsconfig.recipes.json'), JSON.stringify(config))
  const compiled = run(
    copy,
    join('node_modules', 'typescript', 'lib', 'tsc.js'),
    '-p',
    'tsconfig.recipes.json',
  )
  tap.equal(compiled.status, 0, compiled.out)
  for (const test of [...tests, 'test/architecture.test.ts']) {
    const { status, out } = run(copy, join('dist', test.replace(/\.ts$/, '.js')))
    tap.equal(status, 0, `${test}\n${out}`)
  }
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
