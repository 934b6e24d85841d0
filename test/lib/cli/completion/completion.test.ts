/** The completions are asked for in the shells themselves; one that isn't installed is skipped. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { commands } from '../../../../lib/cli/commands.ts'
import { loadCommands, spellings } from '../../../../lib/cli/completion/loaded.ts'
import { main } from '../../../../lib/cli/main.ts'
import { fakeIo } from '../../../support/fake-io.ts'

const names = commands.map(({ name }) => name)

async function scriptFor(shell: string): Promise<string> {
  const io = fakeIo()
  t.equal(await main(['completion', shell], io), 0)
  return io.out()
}

function missing(program: string): string | false {
  return spawnSync(program, ['--version']).error === undefined ? false : `no ${program} here`
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 20_000 })
  t.equal(stderr, '')
  return stdout
}

/** Command lines, and words that must and must not be offered for the last word. */
const CASES: readonly [string[], string[], string[]][] = [
  [[''], [...names, 'help'], ['--json']],
  [['va'], ['validate'], ['run']],
  [['help', ''], names, []],
  [['query', '--out'], ['--output'], ['--json']],
  [['query', '--output', 'j'], ['json', 'jsonl'], ['table']],
  [['spool', ''], ['list', 'verify'], ['show']],
  [['fmt', 'a'], ['app.alloy'], []],
  [['--color', 'always', 'dlq', 're'], ['replay'], ['list']],
  [['completion', 'f'], ['fish'], ['bash']],
  [['docs', 'loki.wr'], ['loki.write'], ['loki.store']],
]

void t.test('bash', { skip: missing('bash') }, async (tap) => {
  const folder = tap.testdir({ 'logstream.bash': await scriptFor('bash'), 'app.alloy': '' })
  for (const [words, wanted, unwanted] of CASES) {
    const line = ['logstream', ...words].map((word) => `'${word}'`).join(' ')
    const script = `source ./logstream.bash; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _logstream; printf '%s\\n' "\${COMPREPLY[@]}"`
    const offered = run('bash', ['--norc', '-c', script], folder).split('\n')
    for (const word of wanted) tap.ok(offered.includes(word), `${line}: ${word}`)
    for (const word of unwanted) tap.notOk(offered.includes(word), `${line}: not ${word}`)
  }
  const script = `source ./logstream.bash; COMP_WORDS=(logstream query --output = j); COMP_CWORD=4; _logstream; echo "\${COMPREPLY[@]}"`
  tap.equal(run('bash', ['--norc', '-c', script], folder), 'json jsonl\n', 'after the equals sign')
})

void t.test('fish', { skip: missing('fish') }, async (tap) => {
  const folder = tap.testdir({ 'logstream.fish': await scriptFor('fish'), 'app.alloy': '' })
  for (const [words, wanted, unwanted] of CASES) {
    const line = ['logstream', ...words].join(' ')
    const script = `source ./logstream.fish; complete -C '${line}'`
    const offered = run('fish', ['--no-config', '-c', script], folder).split('\n')
    const found = offered.map((each) => each.split('\t')[0])
    for (const word of wanted) tap.ok(found.includes(word), `${line}: ${word}`)
    for (const word of unwanted) tap.notOk(found.includes(word), `${line}: not ${word}`)
  }
})

// zsh offers completions to a terminal only, after its own set of functions is loaded, which takes seconds.
void t.test('zsh', { skip: missing('zsh') }, async (tap) => {
  const folder = tap.testdir({ _logstream: await scriptFor('zsh') })
  tap.equal(run('zsh', ['-f', '-n', '_logstream'], folder), '', 'no syntax error')
  const sourced =
    'compdef() { print -r -- $*; }; source ./_logstream; print ${+functions[_logstream_commands]}'
  tap.equal(run('zsh', ['-f', '-c', sourced], folder), '_logstream logstream\n1\n')
  const inPath = `fpath=($PWD); _arguments() { print called; }; autoload _logstream; _logstream`
  tap.equal(run('zsh', ['-f', '-c', inPath], folder), 'called\n', 'from $fpath it completes at once')
})

void t.test('every command and every flag is in each script', async (tap) => {
  const loaded = await loadCommands(commands)
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = await scriptFor(shell)
    const lost = loaded.flatMap(({ name, flags }) => [
      ...(script.includes(name) ? [] : [name]),
      ...Object.entries(flags).flatMap(([flag, each]) =>
        spellings(flag, each).filter(
          (text) => !script.includes(shell === 'fish' ? text.replace(/^-+/, '') : text),
        ),
      ),
    ])
    tap.same(lost, [], shell)
  }
})
