/** Sprig's semver and semverCompare: a version as an object with Go's methods. */
import { fixed, method } from '../function.ts'
import { type GoObject, type TemplateFunction, type Value, goInt } from '../value.ts'
import { type Version, compareVersions, formatVersion, parseVersion, satisfies } from './semver.ts'

function uint64(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}

/** A version whose text is made anew from its parts. */
function derived(version: Version, change: Partial<Version>): GoObject {
  const next = { ...version, ...change }
  next.numbers = [uint64(next.numbers[0]), uint64(next.numbers[1]), uint64(next.numbers[2])]
  next.original = (version.original.startsWith('v') ? 'v' : '') + formatVersion(next)
  return versionObject(next, 'semver.Version')
}

function incremented({ data }: GoObject, place: 0 | 1 | 2): GoObject {
  const version = data as Version
  const [major, minor, patch] = version.numbers
  const plain = { prerelease: '', metadata: '' }
  if (place === 0) return derived(version, { ...plain, numbers: [major + 1n, 0n, 0n] })
  if (place === 1) return derived(version, { ...plain, numbers: [major, minor + 1n, 0n] })
  // The patch of a prerelease is the release itself.
  return derived(version, {
    ...plain,
    numbers: [major, minor, version.prerelease === '' ? patch + 1n : patch],
  })
}

function number(place: 0 | 1 | 2): TemplateFunction {
  return method([], ({ data }: GoObject) => goInt('uint64', (data as Version).numbers[place]))
}

function comparing(test: (order: number) => Value): TemplateFunction {
  return method(['version'], (self: GoObject, other) =>
    test(compareVersions(self.data as Version, other.data as Version)),
  )
}

function setting(key: 'prerelease' | 'metadata'): TemplateFunction {
  return method(['string'], ({ data }: GoObject, text) => {
    const version = data as Version
    const sign = key === 'prerelease' ? '-' : '+'
    if (text !== '') parseVersion(`1.0.0${sign}${text}`)
    return derived(version, { [key]: text })
  })
}

const methods: ReadonlyMap<string, TemplateFunction> = new Map([
  ['Major', number(0)],
  ['Minor', number(1)],
  ['Patch', number(2)],
  ['Prerelease', method([], ({ data }: GoObject) => (data as Version).prerelease)],
  ['Metadata', method([], ({ data }: GoObject) => (data as Version).metadata)],
  ['Original', method([], ({ data }: GoObject) => (data as Version).original)],
  ['String', method([], (self: GoObject) => self.text())],
  ['IncMajor', method([], (self: GoObject) => incremented(self, 0))],
  ['IncMinor', method([], (self: GoObject) => incremented(self, 1))],
  ['IncPatch', method([], (self: GoObject) => incremented(self, 2))],
  ['SetPrerelease', setting('prerelease')],
  ['SetMetadata', setting('metadata')],
  ['Compare', comparing((order) => BigInt(order))],
  ['Equal', comparing((order) => order === 0)],
  ['LessThan', comparing((order) => order < 0)],
  ['LessThanEqual', comparing((order) => order <= 0)],
  ['GreaterThan', comparing((order) => order > 0)],
  ['GreaterThanEqual', comparing((order) => order >= 0)],
])

function versionObject(version: Version, type: string): GoObject {
  const text = (): string => formatVersion(version)
  return {
    tag: 'object',
    type,
    kind: type.startsWith('*') ? 'ptr' : 'struct',
    text,
    json: text,
    methods,
    data: version,
  }
}

export const semverFunctions: readonly [string, TemplateFunction][] = [
  ['semver', fixed(['string'], (text) => versionObject(parseVersion(text), '*semver.Version'))],
  [
    'semverCompare',
    fixed(['string', 'string'], (constraints, text) => satisfies(constraints, parseVersion(text))),
  ],
]
