/** Fields found in bytes are those of the parsed object; what can't be told from the bytes is left to the parser. */
import fc from 'fast-check'
import t from 'tap'
import { ByteFields, ESCAPED, FALSE, NIL, NUMBER, STRING, TRUE } from '../../../../lib/go/json/byte-fields.ts'
import { parseJson } from '../../../../lib/go/json/parse.ts'

const PATHS = [['a'], ['b'], ['c', 'a'], ['c', 'b', 'a'], ['é'], ['d']]

// One for all lines, as in a stage: what it remembers of one mustn't show in the next.
const fields = new ByteFields(PATHS)

/** The values by path; `undefined` where the scan gives up. */
function scanned(text: string): unknown[] | undefined {
  const bytes = Buffer.from(`{"a":"before"}${text}"x"`)
  const from = Buffer.byteLength('{"a":"before"}')
  if (!fields.scan(bytes, from, bytes.length - 3)) return undefined
  return PATHS.map((_, i) => {
    const inside = bytes.toString('utf8', fields.starts[i], fields.ends[i])
    const values: Readonly<Record<number, unknown>> = {
      [NIL]: null,
      [STRING]: inside,
      [ESCAPED]: undefined,
      [NUMBER]: Number(inside),
      [TRUE]: true,
      [FALSE]: false,
    }
    return fields.kinds[i] === ESCAPED ? (JSON.parse(`"${inside}"`) as unknown) : values[fields.kinds[i]!]
  })
}

function parsed(text: string): unknown[] | undefined {
  const data = parseJson(text)
  if (data === undefined || data === null) return undefined
  return PATHS.map((path) => {
    let value: unknown = data
    for (const name of path)
      value =
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? ((value as Record<string, unknown>)[name] ?? null)
          : null
    return value
  })
}

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      '"x"',
      '""',
      '"é漢"',
      '"a\\nb"',
      '"\\u00e9"',
      '1',
      '-0',
      '1.50',
      '1e3',
      'true',
      'false',
      'null',
      '01',
    ),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'é', 'zz'), tie('value')), { maxLength: 4 })
    .map((pairs) => `{ ${pairs.map(([name, of]) => `"${name}" :${String(of)}`).join(',\t')}}`),
}))

void t.test('what is found is what parsing finds', (tap) => {
  let found = 0
  fc.assert(
    fc.property(
      value.object as fc.Arbitrary<string>,
      fc.nat(),
      fc.constantFrom('', '', '"', '}', ',', 'x'),
      (text, at, noise) => {
        const place = at % (text.length + 1)
        const line = noise === '' ? text : text.slice(0, place) + noise + text.slice(place)
        const result = scanned(line)
        if (result === undefined) return true
        found++
        return JSON.stringify(result) === JSON.stringify(parsed(line))
      },
    ),
    { numRuns: 200 },
  )
  tap.ok(found > 10, `${found} were read`)
  tap.end()
})

void t.test('usual lines are read without the parser', (tap) => {
  tap.same(scanned('{"a":"x","n":[{"b":"\\"}"}],"b":12,"c":{"b":{"a":true}},"é":false}'), [
    'x',
    12,
    null,
    true,
    false,
    null,
  ])
  for (const text of [
    '',
    '[]',
    'null',
    '{"a":{}}',
    '{"a":[1]}',
    '{"x":1e400}',
    '{"a":"\\ud800"}',
    '{"a":1}}',
    '{"a" 1}',
  ])
    tap.equal(scanned(text), undefined, text)
  tap.end()
})
