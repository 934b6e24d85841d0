/** The order of strings in Go: by UTF-8 bytes, which is the order of code points. JavaScript compares UTF-16 units. */

// Surrogates (D800-DFFF) stand for code points above all of E000-FFFF, so both ranges are swapped for comparing.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Below 0 if `a` sorts before `b`, above 0 if after it, 0 if they are equal; fits `Array.sort`. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}
