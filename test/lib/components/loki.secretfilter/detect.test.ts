/** What stands in place of secrets. */
import t from 'tap'
import { detector, redactLine, redactor } from '../../../../lib/components/loki.secretfilter/detect.ts'
import type { RuleSource } from '../../../../lib/components/loki.secretfilter/rule.ts'

const rule = (id: string, regex: string): RuleSource => ({
  id,
  regex,
  secretGroup: 0,
  entropy: 0,
  keywords: ['k'],
  allowlists: [],
})

void t.test('a share of the secret is shown, rounded as gitleaks does', (t) => {
  for (const [secret, percent, shown] of [
    ['abcdefghij', 80, 'ab...'],
    ['abcdefghij', 1, 'abcdefghij...'],
    ['abcdefghij', 99, '...'],
    ['abcde', 90, '...'],
    ['abcde', 70, 'ab...'],
    ['abcdefghijklmno', 90, 'ab...'],
    ['abcdefghij', 100, 'REDACTED'],
  ] as const)
    t.equal(redactor('', percent)(secret, 'r'), shown, `${secret} ${percent}`)
  t.end()
})

void t.test('a text of one’s own, with the names in it', (t) => {
  const redact = redactor('<$SECRET_NAME:$SECRET_HASH:$1:$SECRET_NAME>', 80)
  t.equal(redact('abc', "r$'"), "<r$':a9993e364706816aba3e25717850c26c9cd0d89d:$1:r$'>")
  t.end()
})

void t.test('every occurrence of every secret, the longest first', (t) => {
  const detect = detector({ rules: [rule('short', 'k=(abc)'), rule('long', 'k=(abc\\w*)')], allowlists: [] })
  const line = 'k=abcdef k=abc abcdef'
  const { findings, timedOut } = detect(line)
  t.same(
    [...findings],
    [
      ['abc', 'short'],
      ['abcdef', 'long'],
    ],
  )
  t.equal(timedOut, false)
  t.equal(redactLine(line, findings, redactor('<$SECRET_NAME>', 80)), 'k=<long> k=<short> <long>')
  t.end()
})

void t.test('time that is over ends the search with what was found', (t) => {
  const detect = detector({ rules: [rule('a', 'k=(1+)'), rule('b', 'k=(2+)')], allowlists: [] })
  const { findings, timedOut } = detect('k=11 k=22', () => true)
  t.same([[...findings.keys()], timedOut], [['11'], true])
  t.same(detect('nothing', () => true).timedOut, false, 'a line without keywords takes no time')
  t.end()
})
