/** What is shown to someone who asks for nothing yet: all lines of the embedded store as they come. */
import { effect } from '@preact/signals'
import { go } from '../location.ts'
import { status } from '../status.ts'

/** Every entry of the embedded store has this label: it is added where it's missing. */
const ALL = '{service_name=~".+"}'

/** Waits for the first answer of the process, and looks if the address holds nothing but the page. */
export function lookFirst(): void {
  const stop = effect(() => {
    const now = status.value
    if (now === undefined) return
    const [source] = now.sources
    if (location.search === '' && now.refused === undefined && source?.kind === 'store')
      go({ view: 'explore', q: ALL, live: '1' }, true)
    // Not before the effect has its end.
    queueMicrotask(() => stop())
  })
}
