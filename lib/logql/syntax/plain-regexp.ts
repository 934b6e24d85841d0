/** Which regular expressions Loki turns into searches for texts: its printer writes label filters of the others otherwise. */
import { NOT_NEWLINE, onlyMember, sameSet, single, type CharSet } from '../../go/regexp/charset.ts'
import { parse } from '../../go/regexp/parse.ts'
import type { Node } from '../../go/regexp/syntax.ts'
import { foldCase } from '../../go/regexp/unicode.ts'

/** Parts of an expression in the order of a match, as Go's parser would leave them. */
type Part =
  /** `fold`: in both cases; undefined where the letters have no case. */
  | { readonly kind: 'text'; readonly text: string; readonly fold: boolean | undefined }
  | { readonly kind: 'branches'; readonly branches: readonly (readonly Part[])[] }
  | { readonly kind: 'group'; readonly parts: readonly Part[] }
  /** `.*` and `.+`. */
  | { readonly kind: 'anything' | 'something' }
  | { readonly kind: 'other' }

type Base = Pick<Extract<Part, { readonly kind: 'text' }>, 'fold'>

/**
 * Whether Loki's filter on a label needs no regular expression for this one, such as `error`, `GET|POST` or `.*timeout.*`
 * (pkg/logql/log/filter.go, RegexSimplifier).
 */
export function isPlainRegexp(pattern: string): boolean {
  const parsed = parse(pattern)
  return 'tree' in parsed && isPlain(partsOf(parsed.tree))
}

function isPlain(parts: readonly Part[]): boolean {
  const [part, ...more] = parts
  if (part === undefined) return true
  if (more.length > 0) return isPlainSequence(parts, undefined)
  switch (part.kind) {
    case 'group':
      return isPlain(part.parts)
    case 'branches':
      return part.branches.every((branch) => isPlain(ungrouped(branch)))
    default:
      return part.kind !== 'other'
  }
}

/** A text between anything, or before some others; `base` is the text before the branch that this is. */
function isPlainSequence(parts: readonly Part[], base: Base | undefined): boolean {
  const cleared = parts.flatMap((part) => {
    if (part.kind !== 'group') return [part]
    // A group of several parts is one that no text stands for.
    return part.parts.length < 2 ? part.parts : [{ kind: 'other' } as const]
  })
  if (cleared.length > 3) return false
  let texts = 0
  for (const part of cleared) {
    if (part.kind === 'text') {
      if (texts++ > 0) return false
      base = part
    } else if (part.kind === 'branches') {
      if (base === undefined || !areEndings(part.branches, base)) return false
    } else if (part.kind !== 'anything') return false
  }
  return base !== undefined
}

function areEndings(branches: readonly (readonly Part[])[], base: Base): boolean {
  return branches.every((branch) => {
    const [part, ...more] = branch
    if (part === undefined) return true
    if (more.length > 0) return isPlainSequence(branch, base)
    return part.kind === 'anything' || (part.kind === 'text' && (base.fold !== false || part.fold !== true))
  })
}

/** A branch that is a group is what's in the group. */
function ungrouped(branch: readonly Part[]): readonly Part[] {
  const [part] = branch
  return branch.length === 1 && part?.kind === 'group' ? part.parts : branch
}

function partsOf(node: Node): readonly Part[] {
  switch (node.kind) {
    case 'empty':
      return []
    case 'set':
      return [letterOf(node.set)]
    case 'group':
      return [{ kind: 'group', parts: partsOf(node.sub) }]
    case 'repeat': {
      const ofAny = node.sub.kind === 'set' && sameSet(node.sub.set, NOT_NEWLINE) && node.max === Infinity
      return [{ kind: !ofAny || node.min > 1 ? 'other' : node.min === 0 ? 'anything' : 'something' }]
    }
    case 'concat':
      return joined(node.subs.flatMap(partsOf))
    case 'alternate':
      return factored(node.subs.map(partsOf))
    case 'place':
      return [{ kind: 'other' }]
  }
}

/** A letter, in both cases under `(?i)`; else a set of letters, which no text stands for. */
function letterOf(set: CharSet): Part {
  const letter = onlyMember(set) ?? set[0]
  if (letter === undefined) return { kind: 'other' }
  const alone = single(letter)
  const both = foldCase(alone)
  const isAlone = sameSet(set, alone)
  if (!isAlone && !sameSet(set, both)) return { kind: 'other' }
  return {
    kind: 'text',
    text: String.fromCodePoint(letter),
    fold: sameSet(alone, both) ? undefined : !isAlone,
  }
}

/** Neighbouring texts as one, unless only one of them is in both cases. */
function joined(parts: readonly Part[]): readonly Part[] {
  const all: Part[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if (last?.kind === 'text' && part.kind === 'text' && areAlike(last, part))
      all[all.length - 1] = { ...part, text: last.text + part.text, fold: last.fold ?? part.fold }
    else all.push(part)
  }
  return all
}

function areAlike(a: Base, b: Base): boolean {
  return a.fold === undefined || b.fold === undefined || a.fold === b.fold
}

/** Branches in which those that begin with the same text share it: `warn|warning` is `warn(?:|ing)`. */
function factored(branches: readonly (readonly Part[])[]): readonly Part[] {
  const all: (readonly Part[])[] = []
  for (let at = 0; at < branches.length;) {
    let prefix = branches[at]![0]
    let end = at + 1
    for (; end < branches.length; end++) {
      const shared = commonText(prefix, branches[end]![0])
      if (shared === undefined) break
      prefix = shared
    }
    const same = branches.slice(at, end)
    if (prefix?.kind === 'text' && same.length > 1) {
      const { length } = prefix.text
      all.push([prefix, ...factored(same.map((branch) => withoutStart(branch, length)))])
    } else all.push(...same)
    at = end
  }
  const merged = lettersMerged(all)
  return merged.length === 1 ? merged[0]! : [{ kind: 'branches', branches: merged }]
}

function commonText(a: Part | undefined, b: Part | undefined): Part | undefined {
  if (a?.kind !== 'text' || b?.kind !== 'text' || !areAlike(a, b)) return undefined
  const letters = [...a.text]
  const others = [...b.text]
  const end = letters.findIndex((letter, i) => letter !== others[i])
  const text = end === -1 ? a.text : letters.slice(0, end).join('')
  return text === '' ? undefined : { ...a, text }
}

function withoutStart(branch: readonly Part[], length: number): readonly Part[] {
  const [first, ...rest] = branch
  if (first?.kind !== 'text' || first.text.length === length) return rest
  return [{ ...first, text: first.text.slice(length) }, ...rest]
}

/** Neighbouring branches of one letter are a set of letters. */
function lettersMerged(branches: readonly (readonly Part[])[]): (readonly Part[])[] {
  const isLetter = ([part, ...more]: readonly Part[]): boolean =>
    more.length === 0 && part?.kind === 'text' && [...part.text].length === 1
  const merged: (readonly Part[])[] = []
  let lastIsLetter = false
  for (const branch of branches) {
    const letter = isLetter(branch)
    if (letter && lastIsLetter) merged[merged.length - 1] = [{ kind: 'other' }]
    else if (branch.length > 0 || merged.at(-1)?.length !== 0) merged.push(branch)
    lastIsLetter = letter
  }
  return merged
}
