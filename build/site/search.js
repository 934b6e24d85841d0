/** The search in the browser. The index is loaded when it's first needed; as a script, so that it works from a folder too. */
const input = document.querySelector('.search input')
const found = document.querySelector('.found')
const root = input.dataset.root
const MOST = 12

let loading
function load() {
  loading ??= new Promise((resolve) => {
    const script = document.createElement('script')
    script.src = `${root}search-index.js`
    script.onload = () => resolve(window.searchIndex)
    document.head.append(script)
  })
  return loading
}

/** The parts that hold a word beginning with each of the query's; those with it in the heading or title first. */
function search({ parts, words }, query) {
  const asked = query.toLowerCase().match(/[\p{L}\p{N}_.]+/gu) ?? []
  let hits
  for (const start of asked) {
    const with_ = new Set()
    for (const word in words) if (word.startsWith(start)) for (const part of words[word]) with_.add(part)
    hits = hits === undefined ? with_ : new Set([...hits].filter((part) => with_.has(part)))
  }
  const rank = (part) => {
    const [title, heading] = parts[part].map((text) => text.toLowerCase())
    return asked.reduce(
      (sum, word) => sum + (title.includes(word) ? 2 : 0) + (heading.includes(word) ? 3 : 0),
      0,
    )
  }
  return [...(hits ?? [])].sort((a, b) => rank(b) - rank(a) || a - b).map((part) => parts[part])
}

async function show() {
  const query = input.value.trim()
  const index = await load()
  if (query !== input.value.trim()) return
  const hits = query === '' ? [] : search(index, query)
  found.replaceChildren(
    ...hits.slice(0, MOST).map(([title, heading, place]) => {
      const link = document.createElement('a')
      link.href = root + place
      link.textContent = heading === '' ? title : `${title}: ${heading}`
      const item = document.createElement('li')
      item.append(link)
      return item
    }),
  )
  if (query !== '' && hits.length === 0) found.textContent = 'Nothing found'
  found.hidden = query === ''
}

input.addEventListener('focus', () => void load())
input.addEventListener('input', () => void show())
document.addEventListener('keydown', (event) => {
  const links = [...found.querySelectorAll('a')]
  if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault()
    input.focus()
  } else if (event.key === 'Escape') {
    found.hidden = true
  } else if (!found.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault()
    const at = links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)
    ;(links[at] ?? input).focus()
  } else if (event.key === 'Enter' && document.activeElement === input) links[0]?.click()
})
document.addEventListener('click', (event) => {
  if (!event.target.closest('.search')) found.hidden = true
})
