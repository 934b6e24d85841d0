/** The "did you mean" of messages about unknown names. */

/**
 * Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, or `limit + 1` where there are more:
 * the optimal string alignment variant of Damerau-Levenshtein.
 */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let best = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, older[j - 2]! + 1)
      }
      row.push(cost)
      if (cost < best) best = cost
    }
    if (best > limit) return limit + 1
    older = old
    old = row
  }
  return old[b.length]!
}

/**
 * The candidate most like `word`, or undefined if none is near: at most a third of the word's length (and at
 * least one) edits away, upper and lower case being the same. Words over 64 characters have no near one.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined
  const lower = word.toLowerCase()
  let limit = Math.max(1, Math.floor(word.length / 3))
  let found: string | undefined
  for (const candidate of candidates) {
    if (candidate === word) continue
    const edits = distance(lower, candidate.toLowerCase(), limit)
    // Of short words all letters may have changed.
    if (edits > limit || edits >= Math.max(word.length, candidate.length)) continue
    found = candidate
    limit = edits - 1
    if (limit < 0) break
  }
  return found
}

/** `; did you mean "x"?` for the end of a message, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates)
  return found === undefined ? '' : `; did you mean "${found}"?`
}
