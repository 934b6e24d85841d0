/** action.yml: valid by GitHub's schema, and its steps do in a repository what they say. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import t, { type Test } from 'tap'
import { parse } from 'yaml'

interface Step {
  readonly name: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
  readonly run: string
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: readonly Step[] }
}

const action = parse(readFileSync('action.yml', 'utf8')) as Action

const CONFIG = `loki.source.file "app" {
	targets    = [{__path__ = "/var/log/app/*.log", job = "app"}]
	forward_to = [loki.process.app.receiver]
}

loki.process "app" {
	forward_to = [loki.write.default.receiver]

	stage.regex {
		expression = "^(?P<level>[A-Z]+) "
	}

	stage.labels {
		values = {level = ""}
	}
}

loki.write "default" {
	endpoint {
		url = "http://127.0.0.1:3100/loki/api/v1/push"
	}
}
`
const TESTS = `tests:
  - name: the level
    config: app.alloy
    component: loki.process.app
    input: [{ line: WARN disk }]
    expect: { entries: [{ line: WARN disk, labels: { level: WARN } }] }
`

interface Run {
  readonly step: string
  readonly status: number | null
  readonly out: string
}

/** Runs the steps in a folder with these files, as a runner would; conditions other than on inputs hold. */
function runSteps(
  tap: Test,
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>> = {},
): { runs: Run[]; folder: string } {
  const folder = tap.testdir({ bin: {}, repo: {} })
  const repo = join(folder, 'repo')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, name)), { recursive: true })
    writeFileSync(join(repo, name), text)
  }
  const program = (name: string, script: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  program('npm', 'echo "$@"')
  program('logstream', `exec "${process.execPath}" "${join(process.cwd(), 'dist/bin/logstream.js')}" "$@"`)
  const given = (name: string): string => inputs[name] ?? action.inputs[name]!.default
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: repo,
    GITHUB_OUTPUT: join(folder, 'output'),
  }
  const runs = action.runs.steps.flatMap((step): Run[] => {
    if (step.if?.includes("inputs.sample != ''") === true && given('sample') === '') return []
    if (step.if?.includes("inputs.format == 'true'") === true && given('format') !== 'true') return []
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\{ inputs\.(\S+) \}\}/g, (_, input: string) => given(input)),
    ])
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run],
      { cwd: repo, env: { ...env, ...Object.fromEntries(own) }, encoding: 'utf8' },
    )
    return [{ step: step.name, status, out: `${stdout}${stderr}` }]
  })
  return { runs, folder }
}

void t.test('the schema', (tap) => {
  const schema = JSON.parse(readFileSync('fixtures/schemas/github-action.json', 'utf8')) as object
  const valid = new Ajv({ strict: false }).compile(schema)
  tap.ok(valid(action), JSON.stringify(valid.errors))
  tap.notOk(valid({ ...action, runs: { using: 'composite', steps: [{ run: 'x' }] } }), 'it can fail')
  for (const { name, run } of action.runs.steps) tap.notMatch(run, '${{', `${name}: inputs come as variables`)
  tap.end()
})

void t.test('a good repository', (tap) => {
  const files = {
    'app.alloy': CONFIG,
    'app.test.yaml': TESTS,
    'node_modules/x/bad.alloy': '{',
    'app.log': 'WARN disk\nINFO started\n',
  }
  const { runs, folder } = runSteps(tap, files, { sample: 'app.log', 'sample-config': 'app.alloy' })
  tap.same(
    runs.map(({ step, status }) => [step, status]),
    action.runs.steps.map(({ name }) => [name, 0]),
    JSON.stringify(runs, null, 2),
  )
  tap.match(runs[0]?.out, 'logstream-loki@latest')
  tap.match(runs.at(-1)?.out, 'app.log: 2 lines')
  tap.match(readFileSync(join(folder, 'repo/logstream-junit.xml'), 'utf8'), 'tests="1" failures="0"')
  tap.equal(readFileSync(join(folder, 'output'), 'utf8'), 'junit=logstream-junit.xml\n')
  tap.end()
})

void t.test('mistakes are annotated where they are', (tap) => {
  const bad = CONFIG.replace('[A-Z]+', '[A-Z+').replace('\tstage.labels', '  stage.labels')
  const { runs } = runSteps(tap, {
    'deploy/my app.alloy': bad,
    'app.alloy': CONFIG,
    'app.test.yaml': TESTS.replace('level: WARN', 'level: warn'),
  })
  const out = (step: string): string => runs.find((run) => run.step === step)?.out ?? ''
  tap.same(
    runs.map(({ status }) => status),
    [0, 1, 1, 1],
    JSON.stringify(runs, null, 2),
  )
  tap.match(out('Validate'), /^::error file=deploy\/my app\.alloy,line=10,col=\d+,title=logstream::/m)
  tap.match(
    out('Check the format'),
    /^::error file=deploy\/my app\.alloy,line=13,title=format::.*logstream fmt --write/m,
  )
  tap.match(out('Test'), /^::error file=app\.test\.yaml,line=2,title=the level::entry 1, labels:%0A/m)
  tap.end()
})
