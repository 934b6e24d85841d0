/** Go templates against a table recorded from Go itself, and what the table cannot hold: limits, laziness, errors. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { LogstreamError } from '../../../../lib/errors.ts'
import { compileTemplate } from '../../../../lib/go/template/gotemplate.ts'
import { alloyFunctions } from '../../../../lib/go/template/functions/index.ts'
import type { TemplateData, TemplateFunction } from '../../../../lib/go/template/value.ts'

// The table was recorded there; dates without a zone are in the local one.
process.env.TZ = 'UTC'

interface Recorded {
  data: Record<string, string>
  functions: string[]
  tests: { template: string; output?: string; fails?: 'parse' | 'execute' }[]
}

const recorded = JSON.parse(readFileSync('fixtures/go/template.json', 'utf8')) as Recorded
const functions = alloyFunctions()
const noData: TemplateData = new Map<string, string>()

function run(template: string, data: TemplateData = noData): string {
  return compileTemplate(template, functions).execute(data)
}

function outcome(template: string, data: TemplateData): { output?: string; fails?: string } {
  let compiled
  try {
    compiled = compileTemplate(template, functions)
  } catch {
    return { fails: 'parse' }
  }
  try {
    return { output: compiled.execute(data) }
  } catch {
    return { fails: 'execute' }
  }
}

function reason(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof LogstreamError && error.code === 'BAD_TEMPLATE') return error.message
    throw error
  }
  return 'nothing was thrown'
}

void t.test('gives what Go gives', async (t) => {
  for (const { template, output, fails } of recorded.tests) {
    const got = outcome(template, new Map(Object.entries(recorded.data)))
    const want = output === undefined ? { fails } : { output }
    if (got.output !== want.output || got.fails !== want.fails) t.strictSame(got, want, template)
  }
  t.ok(recorded.tests.length > 2000, 'the table was read')
})

void t.test('knows every function of sprig', async (t) => {
  t.strictSame(
    recorded.functions.filter((name) => !functions.has(name)),
    [],
  )
})

void t.test('errors say where and why', async (t) => {
  const cases: [string, RegExp][] = [
    ['{{ .Value ', /^template 1:1: unclosed action/],
    ['a\n  {{ shout .Value }}', /^template 2:6: function "shout" not defined/],
    ['{{ if .a }}b', /^template 1:13: .*\{\{end\}\} is missing/],
    ['a{{ end }}', /^template 1:5: unexpected \{\{end\}\}/],
    ['{{ $nope }}', /^template 1:4: undefined variable "\$nope"/],
    ['{{ "\\q" }}', /^template 1:4: invalid syntax/],
    ['{{ 99999999999999999999 }}', /^template 1:4: integer overflow/],
    ['x {{ fail "no" }}', /1:5: executing "pipeline_template" at <fail "no">: error calling fail: no$/],
    ['{{ ToUpper 5 }}', /1:11: executing "pipeline_template" at <5>: expected string; found 5$/],
    ['{{ ToUpper "a" "b" }}', /1:3: .* at <ToUpper>: wrong number of args for ToUpper: want 1 got 2$/],
    ['{{ lt .a 50 }}', /1:3: .* at <lt \.a 50>: error calling lt: incompatible types.*string and int$/],
    ['{{ regexReplaceAll "(" .a "x" }}', /1:3: .*regular expression/],
    ['{{ bcrypt .a }}', /1:3: .*bcrypt is not available/],
    ['{{ getHostByName "h" }}', /1:3: .*getHostByName is not available/],
  ]
  for (const [template, expected] of cases) {
    t.match(
      reason(() => run(template, new Map([['a', 'x']]))),
      expected,
      template,
    )
  }
})

void t.test('asks the data only for what it needs', async (t) => {
  const asked: string[] = []
  const data: TemplateData = {
    get(name) {
      asked.push(name)
      return `<${name}>`
    },
    keys() {
      asked.push('all keys')
      return ['b', 'a']
    },
  }
  t.equal(run('{{ .a }}{{ if false }}{{ .b }}{{ end }}{{ $.c }}', data), '<a><c>')
  t.strictSame(asked, ['a', 'c'])
  t.equal(run('{{ . }}', data), 'map[a:<a> b:<b>]')
  t.equal(run('{{ $_ := set . "a" "new" }}{{ .a }}{{ .b }}', data), 'new<b>')
})

void t.test('a run leaves nothing behind', async (t) => {
  const template = compileTemplate('{{ .x }}{{ $_ := set . "x" "changed" }}{{ .x }}', functions)
  const data = new Map([['x', 'first']])
  t.equal(template.execute(data), 'firstchanged')
  t.equal(template.execute(data), 'firstchanged')
  t.equal(data.get('x'), 'first')
})

void t.test('functions are a parameter', async (t) => {
  const shout: TemplateFunction = { params: ['string'], rest: undefined, call: (text) => `${String(text)}!` }
  const own = new Map([['shout', shout]])
  t.equal(compileTemplate('{{ "a" | shout | len }}', own).execute(noData), '2')
  t.match(
    reason(() => compileTemplate('{{ upper "a" }}', own)),
    /"upper" not defined/,
  )
  t.equal(
    compileTemplate('{{ slice "abcdef" 1 3 }}', own).execute(noData),
    'bc',
    'the builtin, not that of sprig',
  )
})

void t.test('env and the clock come from the options', async (t) => {
  const env = (name: string): string | undefined => (name === 'HOME' ? '/root' : undefined)
  const own = alloyFunctions({ env, now: () => 1_770_091_506_789 })
  const give = (text: string): string => compileTemplate(text, own).execute(noData)
  t.equal(give('{{ env "HOME" }}|{{ env "NOPE" }}'), '/root|')
  t.equal(give('{{ expandenv "$HOME ${HOME}x $NOPE ${} ${ $$ a$" }}'), '/root /rootx     a$')
  t.equal(give('{{ now | unixEpoch }} {{ now.Nanosecond }}'), '1770091506 789000000')
  t.equal(give('{{ ago (int64 1770091501) }} {{ ago "x" }}'), '6s 0s')
})

void t.test('no template can run away', async (t) => {
  const data = new Map([['big', 'x y'.repeat(100_000)]])
  const cases: [string, RegExp][] = [
    ['{{ range until 900000 }}{{ range until 900000 }}x{{ end }}{{ end }}', /does too much/],
    ['{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', /templates within each other/],
    ['{{ repeat 100000000 "x" }}', /text of more than/],
    ['{{ indent 999999999 "x" }}', /text of more than/],
    ['{{ until 1000000000 }}', /list of more than/],
    ['{{ $s := "a" }}{{ range until 99 }}{{ $s = print $s $s }}{{ end }}', /text of more than/],
    ['{{ $l := list 1 }}{{ range until 99 }}{{ $l = concat $l $l }}{{ end }}', /list of more than/],
    ['{{ $l := list 1 }}{{ range until 99 }}{{ $l = list $l $l }}{{ end }}{{ $l }}', /does too much/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ toJson $d }}', /too much/],
    ['{{ replace "x" .big .big }}', /text of more than/],
    ['{{ range until 9999 }}{{ $x := contains "z" $.big }}{{ end }}', /does too much/],
    ['{{ range until 900000 }}0123456789012345678901234567890{{ end }}', /output of more than/],
    [`{{ ${'('.repeat(3000)}1${')'.repeat(3000)} }}`, /within each other/],
    ['{{ if true }}'.repeat(3000) + '{{ end }}'.repeat(3000), /within each other/],
  ]
  for (const [template, expected] of cases) {
    t.match(
      reason(() => run(template, data)),
      expected,
      template.slice(0, 80),
    )
  }
})

const words = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  ' ',
  '.',
  '.a',
  '$',
  '$x',
  ':=',
  '=',
  ',',
  '|',
  '(',
  ')',
  '"a"',
  '`b`',
  "'c'",
  '1',
  '-2.5',
  '0x1F',
  'nil',
  'true',
  'if',
  'else',
  'end',
  'range',
  'with',
  'define',
  'template',
  'block',
  'break',
  'continue',
  'print',
  'printf',
  '"%d"',
  'list',
  'dict',
  'len',
  'index',
  'eq',
  'and',
  'toJson',
  'upper',
  'trunc',
  'add',
  '/*',
  '*/',
]

void t.test('whatever the text, only LogstreamErrors come out', async (t) => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((all) => all.join(' ')),
  )
  const action = fc
    .array(fc.constantFrom(...words.slice(5)), { maxLength: 8 })
    .map((all) => `{{ ${all.filter((word) => word !== '/*' && word !== '*/').join(' ')} }}`)
  const data = new Map([['a', 'é x']])
  let outputs = 0
  fc.assert(
    fc.property(fc.oneof(text, action), (template) => {
      try {
        if (typeof run(template, data) === 'string') outputs++
      } catch (error) {
        if (!(error instanceof LogstreamError) || error.code !== 'BAD_TEMPLATE') throw error
      }
    }),
    { numRuns: 300 },
  )
  t.ok(outputs > 10, 'some of them are templates')
})

void t.test('text without actions is its own output', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('{{')),
      (text) => run(text) === text,
    ),
  )
  t.pass()
})
