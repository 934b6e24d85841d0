/** Notices custom components that are made of themselves, which would be planned for ever. */
import type { Declared } from './module-body.ts'

/** Deeper nesting than this is taken for a module that makes another of itself in other words each time. */
const DEEPEST = 32

/** Returns what is wrong with using `declared` inside of the declares `within`, or `undefined`. */
export function endlessUse(
  name: string,
  declared: Declared,
  within: readonly Declared[],
): string | undefined {
  if (within.some((outer) => isSame(outer, declared)))
    return `"${name}" uses itself: a custom component can't contain one of its own kind`
  if (within.length >= DEEPEST)
    return `modules are nested deeper than ${DEEPEST}: does "${name}" make another of itself?`
  return undefined
}

// A module that is imported twice is parsed twice, so that the same declare is another object.
function isSame(a: Declared, b: Declared): boolean {
  return (
    a.block.range.start === b.block.range.start &&
    a.body.source.name === b.body.source.name &&
    a.body.source.text === b.body.source.text
  )
}
