/** `logstream rules`: statuses, and what is printed. */
import { join } from 'node:path'
import t from 'tap'
import { rulesCommand } from '../../../lib/cli/rules.ts'
import { fakeIo } from '../../support/fake-io.ts'

const RULES = 'groups: [{name: g, rules: [{alert: A, expr: "vector(1)", for: 1m}]}]'

void t.test('check', async (tap) => {
  const folder = tap.testdir({ 'good.yaml': RULES, 'bad.yaml': RULES.replace('for', 'fo') })
  const good = fakeIo()
  tap.equal(await rulesCommand.run(['check', join(folder, 'good.yaml')], good), 0)
  tap.equal(good.out(), `${join(folder, 'good.yaml')}: 1 rule in 1 group\n`)
  const bad = fakeIo()
  tap.equal(await rulesCommand.run(['check', join(folder, 'good.yaml'), join(folder, 'bad.yaml')], bad), 1)
  tap.match(bad.out(), /bad\.yaml:1:\d+: unknown field "fo" in a rule; did you mean "for"\?/)
  const both = fakeIo()
  tap.equal(await rulesCommand.run(['check', folder], both), 1)
  tap.match(both.out(), /bad\.yaml:1:.*\n.*good\.yaml: 1 rule in 1 group\n$/)
  const empty = tap.testdir({ empty: { 'a.txt': '' } })
  await tap.rejects(rulesCommand.run(['check', join(empty, 'empty')], fakeIo()), {
    code: 'IO',
    message: /holds no rule files: expected \*\.yaml or \*\.yml/,
  })
  for (const args of [[], ['check'], ['chec', 'x']])
    await tap.rejects(rulesCommand.run(args, fakeIo()), { code: 'BAD_USAGE' })
  await tap.rejects(rulesCommand.run(['check', join(folder, 'none')], fakeIo()), { code: 'IO' })
})

void t.test('test', async (tap) => {
  const folder = tap.testdir({
    'r.yaml': RULES,
    'good.yaml':
      'rule_files: [r.yaml]\ntests: [{alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{}]}]}]',
    'bad.yaml':
      'rule_files: [r.yaml]\ntests:\n  - name: too early\n    alert_rule_test:\n      - { eval_time: 30s, alertname: A, exp_alerts: [{}] }',
    'wrong.yaml': 'rule_files: [r.yaml]\ntest: []',
  })
  const run = async (name: string): Promise<[number, string]> => {
    const io = fakeIo()
    return [await rulesCommand.run(['test', join(folder, name)], io), io.out()]
  }
  tap.match(await run('good.yaml'), [0, /good\.yaml: 1 passed, 0 failed\n$/])
  tap.match(await run('bad.yaml'), [
    1,
    /bad\.yaml:5:9: too early: A at 30s\n  expected:\n    \{alertname="A"\}\n  found: none\n.*0 passed, 1 failed\n$/,
  ])
  tap.match(await run('wrong.yaml'), [
    1,
    /unknown field "test" in a file of rule tests; did you mean "tests"\?/,
  ])
})
