/** The index of the search: which parts of which pages hold a word. */

/** Longer ones are hashes and URLs, which are not searched for. */
const LONGEST_WORD = 40

/** `pages`: title, place and sections of each. */
export function searchIndex(pages) {
  const parts = []
  const words = new Map()
  for (const { title, place, sections } of pages)
    for (const { id, heading, text } of sections) {
      const at = parts.push([title, heading, id === '' ? place : `${place}#${id}`]) - 1
      for (const word of new Set(wordsOf(`${title} ${heading} ${text}`))) {
        if (!words.has(word)) words.set(word, [])
        words.get(word).push(at)
      }
    }
  return { parts, words: Object.fromEntries([...words].toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

// `loki.source.file` is found whole and in its parts.
function wordsOf(text) {
  const whole = text.toLowerCase().match(/[\p{L}\p{N}_][\p{L}\p{N}_.]*[\p{L}\p{N}_]/gu) ?? []
  return whole
    .flatMap((word) => [word, ...word.split(/[._]/)])
    .filter(({ length }) => length > 1 && length <= LONGEST_WORD)
}
