import t from 'tap'
import { compileTemplate } from '../../../../lib/go/template/gotemplate.ts'
import { templateFunctions } from '../../../../lib/logql/stages/template-functions.ts'

const current = { line: 'the line', seconds: 1_767_607_200, nanos: 123_456_789 }

function run(template: string): string {
  return compileTemplate(template, templateFunctions(current)).execute(
    new Map([
      ['d', '1m30s'],
      ['s', '2.4KB'],
    ]),
  )
}

void t.test('functions', (tap) => {
  for (const [template, expected] of [
    ['{{ __line__ }}', 'the line'],
    ['{{ __timestamp__ | unixEpoch }}', '1767607200'],
    ['{{ __timestamp__ | unixEpochMillis }}', '1767607200123'],
    ['{{ __timestamp__ | unixEpochNanos }}', '1767607200123456789'],
    ['{{ duration .d }} {{ duration_seconds .d }} {{ bytes .s }}', '90 90 2400'],
    ['{{ count "a+" "aa b a" }}', '2'],
    ['{{ urlencode "a b/ü~" }} {{ urldecode "a+b%2F%C3%BC" }}', 'a+b%2F%C3%BC~ a b/ü'],
    [
      '{{ alignLeft 4 "ab" }}|{{ alignRight 4 "ab" }}|{{ alignLeft 1 "ab" }}|{{ alignRight 1 "ab" }}|{{ alignLeft -1 "ab" }}',
      'ab  |  ab|a|b|ab',
    ],
    ['{{ b64enc "loki" }} {{ b64dec "bG9raQ" }}', 'bG9raQ== loki'],
    [
      '{{ unixToTime "1767607200" | date "2006-01-02" }} {{ unixToTime "1767607200123" | unixEpochMillis }}',
      '2026-01-05 1767607200123',
    ],
    ['{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-01-05 11:00" | unixEpoch }}', '1767607200'],
    ['{{ ToUpper "a" }}{{ trimPrefix "a" "ab" }}{{ add 1 2 }}{{ .none | default "-" }}', 'Ab3-'],
    ['{{ regexReplaceAll "(a)" "xa" "<$1>" }}', 'x<a>'],
  ] as const)
    tap.equal(run(template), expected, template)
  tap.end()
})

void t.test('failures', (tap) => {
  for (const template of [
    '{{ duration "x" }}',
    '{{ bytes "x" }}',
    '{{ count "(" "x" }}',
    '{{ urldecode "%zz" }}',
    '{{ unixToTime "12" }}',
    '{{ alignLeft 100000000 "x" }}',
  ])
    tap.throws(() => run(template), { code: 'BAD_TEMPLATE' }, template)
  for (const unknown of ['env', 'genPrivateKey', 'Hash', 'expandenv'])
    tap.throws(() => run(`{{ ${unknown} "HOME" }}`), { code: 'BAD_TEMPLATE' }, `${unknown} is not Loki's`)
  tap.end()
})
