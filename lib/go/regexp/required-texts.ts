/** Texts that every match of an expression holds: a search for them tells which lines needn't be matched. */
import { parse } from './parse.ts'
import type { CharSet } from './charset.ts'
import type { Node } from './syntax.ts'

/** Of each group a match holds at least one text. */
type Groups = readonly (readonly string[])[]

/** Shorter texts are in nearly every line. */
const LENGTH = 4
/** A letter that may be upper or lower case has two members; sets with more say little. */
const MOST_MEMBERS = 2
/** Texts of a group: `timeout|deadline|refused`. */
const MOST_TEXTS = 64
const LAST_ASCII = 0x7f

/** For a pattern that may match anywhere; empty where nothing is known, as for one that isn't valid. */
export function requiredTexts(pattern: string): Groups {
  const expression = parse(pattern)
  return 'tree' in expression ? groupsOf(expression.tree) : []
}

function groupsOf(node: Node): Groups {
  const groups: (readonly string[])[] = []
  let run: (readonly string[])[] = []
  const end = (): void => {
    groups.push(...textsOf(run))
    run = []
  }
  const walk = (each: Node): void => {
    if (each.kind === 'set') {
      const members = membersOf(each.set)
      if (members === undefined) end()
      else run.push(members)
    } else if (each.kind === 'group') walk(each.sub)
    else if (each.kind === 'concat') each.subs.forEach(walk)
    else if (each.kind !== 'empty') {
      end()
      if (each.kind === 'repeat' && each.min > 0) groups.push(...groupsOf(each.sub))
      if (each.kind === 'alternate') groups.push(...eitherOf(each.subs.map(groupsOf)))
    }
  }
  walk(node)
  end()
  return groups
}

/** What one of several branches holds: of each the group with the fewest texts. */
function eitherOf(branches: readonly Groups[]): Groups {
  const texts: string[] = []
  for (const [first, ...others] of branches) {
    if (first === undefined) return []
    texts.push(...others.reduce((fewest, each) => (each.length < fewest.length ? each : fewest), first))
  }
  return texts.length > MOST_TEXTS ? [] : [texts]
}

/** The texts of a run of letters: one if each letter is known, else those that any four in a row may be. */
function textsOf(run: readonly (readonly string[])[]): Groups {
  if (run.length < LENGTH) return []
  if (run.every((members) => members.length === 1)) return [[run.flat().join('')]]
  return run
    .slice(LENGTH - 1)
    .map((_, at) =>
      run
        .slice(at, at + LENGTH)
        .reduce<string[]>(
          (texts, members) => texts.flatMap((text) => members.map((each) => text + each)),
          [''],
        ),
    )
}

/** The characters of a set where they are few; `undefined` for others. */
function membersOf(set: CharSet): readonly string[] | undefined {
  const members: string[] = []
  for (let i = 0; i < set.length; i += 2)
    for (let each = set[i]!; each <= set[i + 1]!; each++) {
      if (members.length === MOST_MEMBERS) return undefined
      members.push(String.fromCodePoint(each))
    }
  // How many bytes a character has differs beyond ASCII.
  const isPlain = members.length === 1 || set.at(-1)! <= LAST_ASCII
  return isPlain && members.length > 0 ? members : undefined
}
