import t from 'tap'
import { commands } from '../../../lib/cli/commands.ts'
import { main } from '../../../lib/cli/main.ts'
import { VERSION } from '../../../lib/version.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'

async function run(...args: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = fakeIo()
  return { code: await main(args, io), io }
}

void t.test('version and help', async (tap) => {
  for (const word of ['--version', '-V', 'version']) {
    const { code, io } = await run(word)
    tap.same([code, io.out(), io.err()], [0, `logstream ${VERSION}\n`, ''])
  }
  const { code, io } = await run('--help')
  tap.equal(code, 0)
  const names = commands.map(({ name }) => name)
  for (const name of names) tap.match(io.out(), `\n  ${name} `)
  for (const name of names) {
    const help = await run(name, '--help')
    tap.equal(help.code, 0)
    tap.match(help.io.out(), /^Usage: logstream|^\s*Usage:/, `${name} --help`)
    tap.notMatch(
      help.io.out(),
      /^\S.*\n {2}\S+ {2,}/m,
      `${name} --help: its lists are indented from the first line on`,
    )
    tap.equal((await run(name, '-h')).io.out(), help.io.out())
    tap.equal((await run('help', name)).io.out(), help.io.out(), `help ${name}`)
    const long = help.io
      .out()
      .split('\n')
      .filter((line) => line.length > 92)
    tap.same(long, [], `${name} --help fits a terminal`)
  }
})

void t.test('mistakes go to stderr with status 1', async (tap) => {
  const cases: [string[], RegExp][] = [
    [
      ['vaildate'],
      /^logstream: there is no command "vaildate"\. Did you mean validate\? See: logstream --help\n$/,
    ],
    [['help', 'vaildate'], /^logstream: there is no command "vaildate"\. Did you mean validate\?/],
    [['--color=red', 'fmt'], /^logstream: --color takes auto, always, never, found "red"\n$/],
    [['completion'], /takes one of bash, zsh, fish/],
    [['validate'], /needs one CONFIG/],
    [['validate', 'a', 'b'], /needs one CONFIG/],
    [['validate', '--stability.level=beta', 'a'], /--stability\.level must be one of/],
    [['validate', '/no/such/file'], /cannot read the config \/no\/such\/file/],
    [['test'], /needs at least one FILE/],
    [['fmt', '--nope'], /--nope/],
  ]
  for (const [args, message] of cases) {
    const { code, io } = await run(...args)
    tap.same([code, io.out()], [1, ''], args.join(' '))
    tap.match(io.err(), message)
  }
})

void t.test('on a terminal without a word: usage', async (tap) => {
  const io = fakeIo()
  Object.assign(io.stdin, { isTTY: true })
  tap.equal(await main([], io), 1)
  tap.match(io.err(), /Commands:/)
})

void t.test('diagnostics are coloured and in the order of the text', async (tap) => {
  const config =
    'loki.echo "a" {\n  nonsense = 1\n}\n\nloki.write "b" {\n  endpoint { urk = 2 }\n  other = 3\n}\n'
  const file = `${tap.testdir({ 'x.alloy': config })}/x.alloy`
  const { io, code } = await run('--color=always', 'validate', file)
  tap.equal(code, 1)
  const lines = [...io.err().matchAll(/x\.alloy:(\d+):/g)].map(([, line]) => Number(line))
  tap.same(
    lines,
    lines.toSorted((a, b) => a - b),
  )
  tap.ok(lines.length >= 3, io.err())
  tap.match(io.err(), '\u001b[31merror:\u001b[39m')
  tap.match(io.err(), /\u001b\[31m\^+\u001b\[39m/)
  tap.notMatch((await run('validate', '--color=never', file)).io.err(), '\u001b')
})
