import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { formatBytes, parseBytes } from '../../../lib/formats/bytes.ts'

interface Case {
  text: string
  value: number | null
  printed?: string
}
const cases = JSON.parse(readFileSync('fixtures/formats/bytes.json', 'utf8')) as Case[]

void t.test('parses and prints as the recorded Go programs do', async (t) => {
  for (const { text, value, printed } of cases) {
    t.equal(parseBytes(text), value ?? undefined, JSON.stringify(text))
    if (value !== null && printed !== undefined) t.equal(formatBytes(value), printed, `printing ${text}`)
  }
})

void t.test('a size that Go would wrap to a negative number is refused', async (t) => {
  t.equal(parseBytes('8EiB'), undefined)
})

void t.test('reads back what it prints', async () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (n) => parseBytes(formatBytes(n)) === n))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (n) => formatBytes(-n) === `-${formatBytes(n)}`),
  )
})

void t.test('never throws', async () => {
  fc.assert(fc.property(fc.string(), (text) => ['number', 'undefined'].includes(typeof parseBytes(text))))
})
