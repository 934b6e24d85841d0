import { readFileSync } from 'node:fs'
import t from 'tap'
import { deprecatedNames, experimentalNames, standardLibrary } from '../../../../lib/alloy/stdlib/index.ts'
import type { FunctionValue, Value } from '../../../../lib/alloy/value.ts'

const options = { env: { A: 'b' }, hostname: 'h', os: 'linux', arch: 'arm64', version: 'v1' } as const
const library = standardLibrary({ ...options, stability: 'experimental' })

function find(path: string): Value | undefined {
  const [first = '', second] = path.split('.')
  const value = library.get(first)
  return second === undefined
    ? value
    : value instanceof Map
      ? (value.get(second) as Value | undefined)
      : undefined
}

const names = [...library].flatMap(([name, value]) => {
  return value instanceof Map ? Array.from(value.keys(), (key) => `${name}.${String(key)}`) : [name]
})

void t.test('the names of the library', async (t) => {
  t.equal(names.length, 47)
  for (const [old, full] of deprecatedNames) t.equal(find(old), find(full), `${old} is ${full}`)
  for (const name of experimentalNames) t.ok(find(name), name)
  t.equal(find('constants.hostname'), 'h')
  t.equal(find('constants.os'), 'linux')
  t.equal(find('constants.arch'), 'arm64')
  t.equal(find('constants.version'), 'v1')
})

void t.test('every name of the recorded cases is there', async (t) => {
  const used = new Set<string>()
  for (const file of ['expressions', 'expressions-experimental']) {
    const text = readFileSync(`fixtures/stages/${file}.json`, 'utf8')
    for (const [, name = ''] of text.matchAll(/\b((?:array|encoding|string|file|sys|convert)\.\w+)\(/g))
      used.add(name)
  }
  used.delete('string.reverse')
  t.ok(used.size > 20)
  for (const name of used) t.ok(names.includes(name), name)
})

void t.test('the environment and secrets', async (t) => {
  const call = (path: string, ...args: Value[]): Value => (find(path) as FunctionValue).call(args)
  t.equal(call('sys.env', 'A'), 'b')
  t.equal(call('env', 'NOT_SET'), '')
  t.equal(call('convert.nonsensitive', { kind: 'secret', text: 's', optional: false }), 's')
  t.throws(() => call('convert.nonsensitive', 5n), /expected secret or string, found number/)
})

void t.test('experimental functions can be called only where they are allowed', async (t) => {
  const stable = standardLibrary({ ...options, stability: 'public-preview' }).get('array') as Map<
    string,
    FunctionValue
  >
  t.throws(
    () => stable.get('group_by')?.call([[], 't', true]),
    /array.group_by is experimental: it needs --stability/,
  )
  t.strictSame(stable.get('concat')?.call([]), [])
})
