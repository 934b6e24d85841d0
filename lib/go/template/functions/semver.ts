/** Semantic versions and constraints on them, with the rules of github.com/Masterminds/semver 3.4. */
import { compile, type Regexp } from '../../regexp/regexp.ts'
import { compareText } from '../../strings/order.ts'
import { fault } from '../value.ts'

export interface Version {
  numbers: [bigint, bigint, bigint]
  prerelease: string
  metadata: string
  original: string
}

const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const versionForm = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`,
)

function segment(text: string | undefined): bigint {
  const value = BigInt(text ?? '0')
  if (BigInt.asUintN(64, value) !== value) throw fault(`a version number too large: ${text}`)
  return value
}

/** `v1`, `1.2` and `01.2.3` are fine; a numeric part of the prerelease must not start with 0. */
export function parseVersion(text: string): Version {
  const match = text.length > 1000 ? null : versionForm.exec(text)
  if (match === null) throw fault(`invalid semantic version ${JSON.stringify(text)}`)
  const [, major, minor, patch, prerelease = '', metadata = ''] = match
  if (prerelease.split('.').some((part) => /^0[0-9]+$/.test(part)))
    throw fault('a version segment starts with 0')
  return { numbers: [segment(major), segment(minor), segment(patch)], prerelease, metadata, original: text }
}

export function formatVersion({ numbers, prerelease, metadata }: Version): string {
  return (
    numbers.join('.') + (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`)
  )
}

function isUint64(text: string): boolean {
  return /^[0-9]{1,20}$/.test(text) && BigInt.asUintN(64, BigInt(text)) === BigInt(text)
}

/** Numbers below texts, numbers by value, texts by bytes; what is missing is lowest. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? -1 : 1
  const [numberA, numberB] = [isUint64(a), isUint64(b)]
  if (numberA !== numberB) return numberA ? -1 : 1
  if (numberA) return BigInt(a) > BigInt(b) ? 1 : -1
  return compareText(a, b) > 0 ? 1 : -1
}

function comparePrerelease(a: string, b: string): number {
  const [partsA, partsB] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(partsA.length, partsB.length); i++) {
    const order = comparePart(partsA[i] ?? '', partsB[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** -1, 0 or 1; metadata doesn't count. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] < b.numbers[i] ? -1 : 1
  }
  if (a.prerelease === '' || b.prerelease === '') {
    return a.prerelease === b.prerelease ? 0 : a.prerelease === '' ? 1 : -1
  }
  return comparePrerelease(a.prerelease, b.prerelease)
}

/** One condition. `open` is the first part of the version that is `x` or missing: 0 major, 1 minor, 2 patch, 3 none. */
interface Constraint {
  operator: string
  version: Version
  open: 0 | 1 | 2 | 3
}

type Check = (version: Version, constraint: Constraint) => boolean

function sameMajor(a: Version, b: Version): boolean {
  return a.numbers[0] === b.numbers[0]
}

function sameMinor(a: Version, b: Version): boolean {
  return a.numbers[1] === b.numbers[1]
}

const tilde: Check = (version, { version: wanted, open }) => {
  if (compareVersions(version, wanted) < 0) return false
  // ~0.0.0 and ~* take everything from there on.
  if (wanted.numbers.every((number) => number === 0n) && (open === 0 || open === 3)) return true
  return sameMajor(version, wanted) && (open === 1 || sameMinor(version, wanted))
}

const caret: Check = (version, { version: wanted, open }) => {
  if (compareVersions(version, wanted) < 0) return false
  const [major, minor, patch] = wanted.numbers
  if (major > 0n || open === 1) return sameMajor(version, wanted)
  if (version.numbers[0] > 0n) return false
  if (minor > 0n || open === 2) return sameMinor(version, wanted)
  return version.numbers[1] === 0n && version.numbers[2] === patch
}

const equal: Check = (version, constraint) => {
  return constraint.open < 3 ? tilde(version, constraint) : compareVersions(version, constraint.version) === 0
}

const notEqual: Check = (version, { version: wanted, open }) => {
  if (open === 3) return compareVersions(version, wanted) !== 0
  if (!sameMajor(version, wanted)) return true
  if (open === 1) return false
  if (!sameMinor(version, wanted)) return true
  if (open === 2) {
    const either = version.prerelease !== '' || wanted.prerelease !== ''
    return either && comparePrerelease(version.prerelease, wanted.prerelease) !== 0
  }
  return version.numbers[2] !== wanted.numbers[2] || compareVersions(version, wanted) !== 0
}

const greater: Check = (version, { version: wanted, open }) => {
  if (open === 3) return compareVersions(version, wanted) > 0
  if (!sameMajor(version, wanted)) return version.numbers[0] > wanted.numbers[0]
  if (open === 1) return false
  return open === 2 ? version.numbers[1] > wanted.numbers[1] : compareVersions(version, wanted) > 0
}

const lessOrEqual: Check = (version, { version: wanted, open }) => {
  if (open === 3) return compareVersions(version, wanted) <= 0
  if (version.numbers[0] > wanted.numbers[0]) return false
  return !sameMajor(version, wanted) || version.numbers[1] <= wanted.numbers[1] || open === 1
}

const less: Check = (version, { version: wanted }) => compareVersions(version, wanted) < 0
const greaterOrEqual: Check = (version, { version: wanted }) => compareVersions(version, wanted) >= 0

const checks = new Map<string, Check>([
  ['', equal],
  ['=', equal],
  ['!=', notEqual],
  ['>', greater],
  ['<', less],
  ['>=', greaterOrEqual],
  ['=>', greaterOrEqual],
  ['<=', lessOrEqual],
  ['=<', lessOrEqual],
  ['~', tilde],
  ['~>', tilde],
  ['^', caret],
])

const wild = '[0-9|xX*]+'
const wildVersion = `v?(${wild})(?:\\.(${wild}))?(?:\\.(${wild}))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?`
const condition = new RegExp(`(!=|>=|=>|<=|=<|~>|[=><~^]?)\\s*(${wildVersion})`, 'y')
const separator = /\s*(?:,\s*)?/y
// Compiled when it is first needed: proving it linear takes tens of milliseconds, which every start would pay.
let compiledRange: Regexp | undefined

function range(): Regexp {
  compiledRange ??= compile(`\\s*(${wildVersion})\\s+-\\s+(${wildVersion})\\s*`)
  return compiledRange
}

function isWild(part: string | undefined): boolean {
  return part === undefined || part === 'x' || part === 'X' || part === '*'
}

function constraintOf(match: RegExpExecArray): Constraint {
  const [, operator = '', whole = '', major, minor, patch, prerelease] = match
  const tail = prerelease === undefined ? '' : `-${prerelease}`
  if (isWild(major)) return { operator, version: parseVersion(`0.0.0${tail}`), open: 0 }
  if (isWild(minor)) return { operator, version: parseVersion(`${major}.0.0${tail}`), open: 1 }
  if (isWild(patch)) return { operator, version: parseVersion(`${major}.${minor}.0${tail}`), open: 2 }
  return { operator, version: parseVersion(whole), open: 3 }
}

// group = condition { ( space | "," ) condition }
function parseGroup(text: string): Constraint[] {
  const trimmed = text.trim()
  const group: Constraint[] = []
  for (let at = 0; at < trimmed.length;) {
    condition.lastIndex = at
    const match = condition.exec(trimmed)
    if (match === null) break
    group.push(constraintOf(match))
    at += match[0].length
    if (at === trimmed.length) return group
    separator.lastIndex = at
    const length = separator.exec(trimmed)?.[0].length ?? 0
    if (length === 0) break
    at += length
  }
  throw fault(`improper version constraint ${JSON.stringify(text)}`)
}

/** `1.2 - 1.4` as `>= 1.2, <= 1.4`. */
function withoutRanges(text: string): string {
  return range().replaceAllFunc(text, ({ groups }) => `>= ${groups[1]}, <= ${groups[7]} `)
}

/**
 * Whether a version satisfies constraints such as `>=1.2 <2 || ^3.1`. A prerelease does so only if its group of
 * conditions names one.
 */
export function satisfies(constraints: string, version: Version): boolean {
  if (constraints.length > 10_000) throw fault('a version constraint of more than 10000 characters')
  const groups = withoutRanges(constraints).split('||').map(parseGroup)
  return groups.some((group) => {
    const allowsPrerelease = group.some((constraint) => constraint.version.prerelease !== '')
    if (version.prerelease !== '' && !allowsPrerelease) return false
    return group.every((constraint) => checks.get(constraint.operator)?.(version, constraint) ?? false)
  })
}
