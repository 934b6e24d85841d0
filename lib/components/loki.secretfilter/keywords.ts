/**
 * Finds out in one pass over a line which of many rules have a keyword in it (Aho-Corasick, as a table over ASCII,
 * letter case folded into it), so that a line without secrets costs a few nanoseconds a character, not a search a rule.
 */

const WIDTH = 128

/** Returns the indexes of the keyword lists of which the line holds a word, ascending; lists without words always match. */
export type KeywordSearch = (line: string) => readonly number[]

interface Node {
  readonly next: Map<number, number>
  readonly lists: Set<number>
}

/** Words with other than ASCII characters are looked for one by one. */
export function keywordSearch(lists: readonly (readonly string[])[]): KeywordSearch {
  const always = lists.flatMap((words, list) => (words.length === 0 ? [list] : []))
  const nodes: Node[] = [newNode()]
  const others: { word: string; list: number }[] = []
  for (const [list, words] of lists.entries())
    for (const word of words.map((each) => each.toLowerCase()))
      if (word === '') always.push(list)
      else if (isAscii(word)) insert(nodes, word, list)
      else others.push({ word, list })
  const { table, outputs } = automaton(nodes)
  const found = new Set<number>()
  return (line) => {
    found.clear()
    for (const list of always) found.add(list)
    let row = 0
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i)
      row = code < WIDTH ? table[row + code]! : 0
      if (row >= 0) continue
      row = ~row
      for (const list of outputs[row / WIDTH]!) found.add(list)
    }
    if (others.length > 0) {
      const lower = line.toLowerCase()
      for (const { word, list } of others) if (lower.includes(word)) found.add(list)
    }
    return found.size === 0 ? NONE : [...found].sort((a, b) => a - b)
  }
}

const NONE: readonly number[] = []

function isAscii(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) >= WIDTH) return false
  return true
}

function newNode(): Node {
  return { next: new Map<number, number>(), lists: new Set<number>() }
}

function insert(nodes: Node[], word: string, list: number): void {
  let at = 0
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i)
    let to = nodes[at]!.next.get(code)
    if (to === undefined) {
      to = nodes.push(newNode()) - 1
      nodes[at]!.next.set(code, to)
    }
    at = to
  }
  nodes[at]!.lists.add(list)
}

/** For each state a row of the rows to go to, inverted where words end; and the lists of those words by state. */
interface Automaton {
  readonly table: Int32Array
  readonly outputs: readonly (readonly number[])[]
}

// Breadth first, so that the state to fall back to is complete before those that use it.
function automaton(nodes: readonly Node[]): Automaton {
  const table = new Int32Array(nodes.length * WIDTH)
  const back = new Int32Array(nodes.length)
  const queue = [0]
  for (const state of queue) {
    const { next, lists } = nodes[state]!
    for (const list of nodes[back[state]!]!.lists) lists.add(list)
    for (let code = 0; code < WIDTH; code++) {
      const fallback = state === 0 ? 0 : table[back[state]! * WIDTH + code]!
      const to = next.get(code)
      table[state * WIDTH + code] = to ?? fallback
      if (to === undefined) continue
      back[to] = fallback
      queue.push(to)
    }
    for (let upper = 65; upper <= 90; upper++)
      table[state * WIDTH + upper] = table[state * WIDTH + upper + 32]!
  }
  const outputs = nodes.map(({ lists }) => [...lists])
  return { table: table.map((to) => (outputs[to]!.length === 0 ? to * WIDTH : ~(to * WIDTH))), outputs }
}
