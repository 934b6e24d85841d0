import { spawnSync } from 'node:child_process'
import t from 'tap'
import { commands } from '../../../lib/cli/commands.ts'
import { manualPage } from '../../../lib/cli/manual.ts'

void t.test('the manual has every command and flag, and groff takes it without a warning', async (tap) => {
  const page = await manualPage(commands, '1.2.3')
  for (const { name, load } of commands) {
    tap.match(page, `\n.SS ${name}: `)
    for (const flag of Object.keys((await load()).flags))
      tap.ok(page.includes(`\\fB\\-\\-${flag.replaceAll('-', '\\-')}\\fR`), `${name} --${flag}`)
  }
  const { error, stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tascii', '-P-cbou'], {
    input: page,
    encoding: 'utf8',
  })
  if (error !== undefined) return tap.comment('groff is not installed')
  tap.equal(stderr, '')
  tap.match(stdout, /LOGSTREAM\(1\) +User Commands +LOGSTREAM\(1\)/)
  tap.match(stdout, 'logstream query \'{job="main"} |= "error"\' --since 15m')
})
