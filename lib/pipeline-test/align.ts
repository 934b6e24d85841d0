/** Which of two lists belong together: what both have in the same order, so that one missing line is one difference. */

/** A place in both lists; `undefined` on one side: that list has nothing there. */
export interface Pair {
  readonly want: number | undefined
  readonly got: number | undefined
}

/** Above this many comparisons lists are paired by place: the table would take too long. */
const MOST_CELLS = 4_000_000

/**
 * Pairs the items of two lists. A longest run of equal ones stays together; between those, items are paired in order
 * (they were changed), and what is left over on one side stands alone.
 */
export function align<T>(want: readonly T[], got: readonly T[], same: (a: T, b: T) => boolean): Pair[] {
  const pairs: Pair[] = []
  let from = { want: 0, got: 0 }
  for (const anchor of [...anchors(want, got, same), { want: want.length, got: got.length }]) {
    const changed = Math.min(anchor.want - from.want, anchor.got - from.got)
    for (let i = 0; i < changed; i++) pairs.push({ want: from.want + i, got: from.got + i })
    for (let i = from.want + changed; i < anchor.want; i++) pairs.push({ want: i, got: undefined })
    for (let i = from.got + changed; i < anchor.got; i++) pairs.push({ want: undefined, got: i })
    if (anchor.want < want.length || anchor.got < got.length) pairs.push(anchor)
    from = { want: anchor.want + 1, got: anchor.got + 1 }
  }
  return pairs
}

interface Anchor {
  readonly want: number
  readonly got: number
}

function anchors<T>(want: readonly T[], got: readonly T[], same: (a: T, b: T) => boolean): Anchor[] {
  if (want.length * got.length > MOST_CELLS) return []
  const lengths = commonLengths(want, got, same)
  const width = got.length + 1
  const found: Anchor[] = []
  for (let i = 0, j = 0; i < want.length && j < got.length;) {
    if (same(want[i]!, got[j]!)) found.push({ want: i++, got: j++ })
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return found
}

/** For every pair of ends the length of their longest common subsequence. */
function commonLengths<T>(want: readonly T[], got: readonly T[], same: (a: T, b: T) => boolean): Uint32Array {
  const width = got.length + 1
  const lengths = new Uint32Array((want.length + 1) * width)
  for (let i = want.length - 1; i >= 0; i--)
    for (let j = got.length - 1; j >= 0; j--)
      lengths[i * width + j] = same(want[i]!, got[j]!)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
  return lengths
}
