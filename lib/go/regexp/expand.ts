/** Go's replacement templates: `$1`, `$name`, `${name}` and `$$`, as in regexp.Expand. */

/** A piece of a template: text, or the groups that can fill it, by index. */
export type Piece = string | readonly number[]

/**
 * Splits a template. A name is the longest run of letters, digits and underscores; a name that no group has is
 * empty; of groups with one name the first that took part is used. A dollar sign without a name stays.
 */
export function parseTemplate(template: string, groupNames: readonly (string | undefined)[]): Piece[] {
  const pieces: Piece[] = []
  const reference = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu
  let at = 0
  for (const found of template.matchAll(reference)) {
    pieces.push(template.slice(at, found.index))
    at = found.index + found[0].length
    pieces.push(found[1] ?? groupsNamed(found[2] ?? found[3]!, groupNames))
  }
  pieces.push(template.slice(at))
  return pieces
}

function groupsNamed(name: string, groupNames: readonly (string | undefined)[]): readonly number[] {
  if (/^(?:0|[1-9][0-9]*)$/.test(name)) {
    const index = Number(name)
    return index < groupNames.length ? [index] : []
  }
  return groupNames.flatMap((groupName, index) => (groupName === name ? [index] : []))
}

/** Fills a template with the groups of a match. */
export function expand(pieces: readonly Piece[], groups: readonly (string | undefined)[]): string {
  let out = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      out += piece
    } else {
      const index = piece.find((group) => groups[group] !== undefined)
      if (index !== undefined) out += groups[index]!
    }
  }
  return out
}
