import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { parseLogfmt } from '../../../lib/formats/logfmt.ts'
import { anyText } from '../../support/any-text.ts'

interface Case {
  text: string
  pairs: [key: string, value: string][]
  ok: boolean
}
const cases = JSON.parse(readFileSync('fixtures/formats/logfmt.json', 'utf8')) as Case[]

function parse(text: string): Pick<Case, 'pairs' | 'ok'> {
  const pairs: [string, string][] = []
  const ok = parseLogfmt(text, (key, value) => pairs.push([key, value]))
  return { pairs, ok }
}

void t.test('reads what go-logfmt reads, up to the first error', async (t) => {
  for (const { text, pairs, ok } of cases) t.strictSame(parse(text), { pairs, ok }, JSON.stringify(text))
})

void t.test('quoted values come back', async () => {
  const value = anyText()
  fc.assert(
    fc.property(value, (value) => {
      const { pairs, ok } = parse(`a=1 key=${JSON.stringify(value)} b`)
      return ok && pairs.length === 3 && pairs[1]?.[1] === value
    }),
  )
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom('a', '=', '"', '\\', 'u', '0', '\\ud83d', ' ', '\n', 'é', '\ufffd', '\0')
  fc.assert(fc.property(fc.string({ unit: pieces }), (text) => [true, false].includes(parse(text).ok)))
})
