/** That each function is in the table recorded from Go, and those that a table of outputs cannot hold. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { compileTemplate } from '../../../../../lib/go/template/gotemplate.ts'
import { builtins } from '../../../../../lib/go/template/functions/builtin.ts'
import { alloyFunctions, sprigFunctions } from '../../../../../lib/go/template/functions/index.ts'

interface Recorded {
  readonly tests: readonly { readonly template: string; readonly output?: string }[]
}

/** Not in the table: what they give is asserted here. */
const HERE: readonly (readonly [name: string, template: string, output: string])[] = [
  ['initial', '{{ initial (list 1 2 3) }}{{ initial (list) }}', '[1 2][]'],
  ['regexFind', '{{ regexFind "[a-c]+" "xabcd" }}|{{ regexFind "q" "a" }}', 'abc|'],
  ['mustRegexFind', '{{ mustRegexFind "[a-c]+" "xabcd" }}', 'abc'],
  ['mustRegexMatch', '{{ mustRegexMatch "^a" "ab" }} {{ mustRegexMatch "^b" "ab" }}', 'true false'],
  [
    'mustDateModify',
    '{{ mustDateModify "-90m" (toDate "2006-01-02 15:04" "2026-02-03 04:05") | date "15:04" }}',
    '02:35',
  ],
  ['TrimPrefix', '{{ TrimPrefix "abab" "ab" }} {{ TrimPrefix "ab" "b" }}', 'ab ab'],
  ['TrimSuffix', '{{ TrimSuffix "abab" "ab" }} {{ TrimSuffix "ab" "a" }}', 'ab ab'],
  ['env', '{{ env "HOME" }}|{{ env "NOPE" }}', '/root|'],
  ['expandenv', '{{ expandenv "$HOME ${HOME}x $NOPE" }}', '/root /rootx '],
]

/** They need the network or so much time that a log line must not start them: each says so. */
const UNAVAILABLE = [
  'bcrypt',
  'buildCustomCert',
  'genCA',
  'genCAWithKey',
  'genPrivateKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
  'getHostByName',
  'htpasswd',
]

process.env.TZ = 'UTC'
const functions = alloyFunctions({ env: (name) => (name === 'HOME' ? '/root' : undefined) })
const run = (template: string): string =>
  compileTemplate(template, functions).execute(new Map<string, string>())

void t.test('every function is in the recorded table, or here', (tap) => {
  const { tests } = JSON.parse(readFileSync('fixtures/go/template.json', 'utf8')) as Recorded
  const used = new Set<string>()
  for (const { template, output } of tests)
    // No value of a template is a function, so that \`call\` can only fail.
    if (output !== undefined || template.includes('call'))
      for (const word of template.match(/\w+/g) ?? []) used.add(word)
  const names = [...new Set([...functions.keys(), ...builtins.keys()])]
  tap.same(
    names.filter((name) => !used.has(name)).toSorted(),
    [...HERE.map(([name]) => name), ...UNAVAILABLE].toSorted(),
  )
  tap.ok(names.length > 220)
  tap.end()
})

void t.test('what the table leaves out', (tap) => {
  for (const [name, template, output] of HERE) tap.equal(run(template), output, name)
  for (const template of [
    '{{ mustRegexFind "(" "" }}',
    '{{ mustDateModify "x" now }}',
    '{{ initial "abc" }}',
  ])
    tap.throws(() => run(template), { code: 'BAD_TEMPLATE' }, template)
  tap.end()
})

void t.test('what is not available is known, and says so where it is used', (tap) => {
  for (const name of UNAVAILABLE) {
    const { params } = functions.get(name)!
    tap.throws(
      () => functions.get(name)!.call(...params.map(() => '')),
      { code: 'BAD_TEMPLATE', message: new RegExp(`${name} is not available here`) },
      name,
    )
  }
  tap.end()
})

void t.test("Alloy's own functions come on top of sprig's", (tap) => {
  const sprig = sprigFunctions()
  const own = [...functions.keys()].filter((name) => !sprig.has(name))
  tap.ok(own.includes('ToLower') && own.includes('Hash') && own.includes('Sha2Hash'), own.join())
  tap.same(
    [...sprig.keys()].filter((name) => !functions.has(name)),
    [],
  )
  tap.end()
})
