/** Random numbers that a seed makes again: xorshift over 32 bits. Good enough for sample data, for nothing else. */

/** A function that gives the next number in [0, 1). Equal seeds give equal series. */
export function seededRandom(seed: number): () => number {
  // Spread small seeds over all bits; zero would stay zero for ever.
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ 0x6d2b79f5) >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 0x1_0000_0000
  }
}
