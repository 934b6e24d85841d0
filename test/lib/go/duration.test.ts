import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { formatDuration, parseDuration } from '../../../lib/go/duration.ts'

interface Case {
  text: string
  value: number | null
  printed?: string
}
const cases = JSON.parse(readFileSync('fixtures/go/duration.json', 'utf8')) as Case[]

void t.test('parses and prints as the recorded Go programs do', async (t) => {
  for (const { text, value, printed } of cases) {
    t.equal(parseDuration(text), value ?? undefined, JSON.stringify(text))
    if (value !== null && Number.isSafeInteger(value))
      t.equal(formatDuration(value), printed, `printing ${text}`)
  }
})

void t.test('reads back what it prints', async () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (ns) => {
      const sign = Object.is(ns, -0) ? 0 : ns
      return parseDuration(formatDuration(ns)) === sign
    }),
  )
})

void t.test('never throws', async () => {
  fc.assert(fc.property(fc.string(), (text) => ['number', 'undefined'].includes(typeof parseDuration(text))))
})
