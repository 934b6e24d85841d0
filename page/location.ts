/** The address of the page as a signal: everything a view shows can be shared as a link. */
import { computed, signal } from '@preact/signals'

const search = signal(location.search)

addEventListener('popstate', () => (search.value = location.search))

export const params = computed(() => new URLSearchParams(search.value))

export type ViewName = 'explore' | 'alerts' | 'pipeline' | 'tap' | 'failures' | 'account'

/** The view in the address; '' where it names none. */
export const view = computed(() => params.value.get('view') ?? '')

export type Changes = Readonly<Record<string, string | undefined>>

/** The address with other parameters; `undefined` and '' take one out. */
export function addressWith(changes: Changes, of: URLSearchParams = params.value): string {
  const next = new URLSearchParams(of)
  for (const [name, value] of Object.entries(changes))
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  const text = next.toString()
  return text === '' ? location.pathname : `?${text}`
}

/** Goes there. `replace`: without a step in the history, for what isn't worth going back to. */
export function go(changes: Changes, replace = false): void {
  const address = addressWith(changes)
  if (replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  search.value = location.search
}

/** The address of a view with none of another view's parameters. */
export function viewAddress(name: ViewName, own: Changes = {}): string {
  return addressWith({ view: name, ...own }, new URLSearchParams())
}

/** Follows a link inside the page without loading it again; for `onClick` of links. */
export function follow(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  // Links of drawings have no text for an `href` property.
  const link = event.currentTarget as Element
  history.pushState(null, '', link.getAttribute('href'))
  search.value = location.search
}
