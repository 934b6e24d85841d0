/** A text found in JSON by its name, and in what begins as JSON. */
import fc from 'fast-check'
import t from 'tap'
import { textInJson } from '../../../lib/store/json-text.ts'

const NAMES = new Set(['level', 'lvl'])

void t.test('in the order of the line, as far as it is JSON', (tap) => {
  for (const [line, expected] of [
    ['{}', undefined],
    [' { "a" : 1 , "level" : "x" }', 'x'],
    ['{"lvl":"b","level":"a"}', 'b'],
    ['{"level":1,"lvl":"a"}', 'a'],
    ['{"a":["level","x",{"level":"no"}],"level":"yes"}', 'yes'],
    ['{"a":{"level":"in it"},"level":"after"}', 'in it'],
    ['{"a":{"b":{"level":"too deep"}}}', undefined],
    ['{"a\\"":"\\\\","\\u006cevel":"escaped name"}', 'escaped name'],
    ['{"level":"raw \\u0041"}', 'raw \\u0041'],
    ['{"level":"first"} and more }', 'first'],
    ['{"a":tru,"level":"x"}', undefined],
    ['{"a":{"b" 1},"level":"x"}', undefined],
    ['{"a":"never ends,"level":"x"}', undefined],
    ['{level:"x"}', undefined],
  ] as const)
    tap.equal(textInJson(line, NAMES), expected, line)
  tap.end()
})

void t.test('what JSON.parse finds', async () => {
  const text = fc.string().filter((each) => JSON.stringify(each) === `"${each}"`)
  const leaf = fc.oneof(
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.jsonValue({ maxDepth: 1 })),
  )
  const object = fc.dictionary(fc.constantFrom('a', 'b"', 'level', 'lvl', '{'), leaf)
  await fc.assert(
    fc.asyncProperty(object, fc.boolean(), async (found, spaced) => {
      const [, expected] =
        Object.entries(found).find(([name, value]) => NAMES.has(name) && typeof value === 'string') ?? []
      return textInJson(JSON.stringify(found, null, spaced ? 1 : undefined), NAMES) === expected
    }),
  )
})
