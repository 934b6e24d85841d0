import t from 'tap'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { formatExpression } from '../../../../lib/logql/syntax/format.ts'
import { printExpression, printMatcher, printSelector } from '../../../../lib/logql/syntax/print.ts'
import { vectorGroups } from '../../../support/logql-vectors.ts'

void t.test('one line', (tap) => {
  for (const text of [
    '{a="b", c=~"d\\n"} |= "x" or "y" != "z" |~ ip("::1") | json | logfmt --strict --keep-empty a="b",c="d"',
    '{a="b"} | regexp "(?P<x>.)" | pattern "<x>" | unpack | decolorize | line_format "{{.x}}"',
    '{a="b"} | label_format a=b,c="d" | drop a,b="c" | keep a | json x="y[0]",z="z"',
    '{a="b"} | ( a=~"x" , ( b>1.5 or c>=1m30s ) )',
    '{a="b"} | ( size<=5.0MB or addr!=ip("10.0.0.0/8") )',
  ])
    tap.equal(printExpression(parseExpression(text, { validate: false })), text)
  tap.equal(printMatcher({ name: 'a', operator: '!~', value: '"' }), 'a!~"\\""')
  tap.equal(printSelector([]), '{}')
  tap.end()
})

void t.test('what was printed is understood in the same way', (tap) => {
  let count = 0
  for (const [, vectors] of vectorGroups('queries')) {
    for (const { params, status, endpoint } of vectors) {
      if (status !== 200 || !endpoint.startsWith('query') || typeof params?.['query'] !== 'string') continue
      const expression = parseExpression(params['query'])
      const printed = printExpression(expression)
      // LogQL cannot write NaN.
      if (printed === 'NaN') continue
      // Sizes lose digits when they are printed, so they are compared after one round.
      const again = printExpression(parseExpression(printed))
      if (printed !== again) tap.equal(again, printed)
      const formatted = printExpression(parseExpression(formatExpression(expression)))
      if (formatted !== again) tap.equal(formatted, again)
      count++
    }
  }
  tap.ok(count > 300, `${count} queries`)
  tap.end()
})
