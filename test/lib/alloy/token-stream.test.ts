/** Walking over tokens: look-ahead, errors once a line, and getting on after one. */
import t from 'tap'
import type { Diagnostic } from '../../../lib/alloy/diagnostic.ts'
import { scan } from '../../../lib/alloy/scanner.ts'
import { TokenStream } from '../../../lib/alloy/token-stream.ts'

function stream(text: string): { tokens: TokenStream; errors: () => string[] } {
  const source = { name: 'x', text }
  const diagnostics: Diagnostic[] = []
  return {
    tokens: new TokenStream(source, scan(source).tokens, diagnostics),
    errors: () => diagnostics.map(({ message, range }) => `${range.start}-${range.end} ${message}`),
  }
}

void t.test('reading goes up to the end of the file and stays there', (tap) => {
  const { tokens, errors } = stream('a = 1')
  tap.equal(tokens.end, 0, 'nothing was read yet')
  tap.equal(tokens.next().text, 'a')
  tap.equal(tokens.end, 1)
  tap.ok(tokens.at('='))
  tap.equal(tokens.expect('=').kind, '=')
  tap.equal(tokens.next().text, '1')
  tap.equal(tokens.next().kind, 'terminator')
  for (let i = 0; i < 3; i++) tap.equal(tokens.next().kind, 'eof')
  tap.same(errors(), [])
  tap.end()
})

void t.test('what was expected is said once a line', (tap) => {
  const { tokens, errors } = stream('a b c\nd')
  tokens.next()
  tap.equal(tokens.expect('=', ' after a name').text, 'b', 'the wrong token is read')
  tokens.expect('{')
  tokens.next()
  tap.equal(tokens.found, 'the name d')
  tokens.expect('string')
  tap.same(errors(), [
    '2-3 expected "=" after a name, found the name b',
    '6-7 expected a string, found the name d',
  ])
  tokens.errorAt({ start: 0, end: 1 }, 'at a place of its own')
  tokens.errorAt({ start: 0, end: 1 }, 'and again')
  tap.same(errors().slice(2), ['0-1 at a place of its own', '0-1 and again'])
  tap.end()
})

void t.test('a last error ends everything', (tap) => {
  const { tokens, errors } = stream('a\nb\nc')
  tokens.stop('too deep')
  tap.ok(tokens.at('eof'))
  tokens.expect('}')
  tokens.errorAt({ start: 0, end: 1 }, 'what follows from it')
  tap.same(errors(), ['0-1 too deep'])
  tap.end()
})

void t.test('after an error the walk goes on at a known place', (tap) => {
  const cases: [string, string][] = [
    ['a [1,\n2] b\nc', 'c'],
    ['a { b = (1\n)\n}\nc', 'c'],
    ['a )\nc', 'c'],
    ['a {', ''],
  ]
  for (const [text, after] of cases) {
    const { tokens } = stream(text)
    tokens.skipStatement()
    tap.equal(tokens.at('eof') ? 'eof' : tokens.kind, after === '' ? 'eof' : 'terminator', text)
    tokens.next()
    tap.equal(tokens.token.text, after, text)
  }
  const { tokens } = stream('a + b ] }')
  tokens.skipTo(']', '}')
  tap.equal(tokens.kind, ']')
  tokens.skipTo('string')
  tap.equal(tokens.kind, 'eof')
  tap.end()
})

void t.test('tokens without an end are a mistake of the caller', (tap) => {
  tap.throws(() => new TokenStream({ name: 'x', text: '' }, [], []).token, RangeError)
  tap.end()
})
