/** What messages call tokens. */
import t from 'tap'
import { scan } from '../../../lib/alloy/scanner.ts'
import { describeToken, kindName } from '../../../lib/alloy/token.ts'

void t.test('a token that was found is named with its text, a kind without', (tap) => {
  const long = 'x'.repeat(60)
  const cases: [string, string, string][] = [
    ['abc', 'the name abc', 'a name'],
    ['12', 'the number 12', 'a number'],
    ['1.5e3', 'the number 1.5e3', 'a number'],
    ['"a b"', 'the string "a b"', 'a string'],
    ['`a\nb`', 'the string `a b`', 'a string'],
    ['true', 'true', 'a bool'],
    ['null', 'null', 'null'],
    ['{', '"{"', '"{"'],
    ['&& x', '"&&"', '"&&"'],
    ["'", 'a character that means nothing here', 'a character that means nothing here'],
    ['', 'the end of the file', 'the end of the file'],
    [long, `the name ${long.slice(0, 40)}...`, 'a name'],
  ]
  for (const [text, found, kind] of cases) {
    const [token] = scan({ name: 'x', text }).tokens
    tap.equal(describeToken(token!), found, text)
    tap.equal(kindName(token!.kind), kind, text)
  }
  tap.equal(kindName('terminator'), 'the end of the line')
  tap.end()
})
