/** A view whose code is loaded when it is first shown. */
import { useSignal } from '@preact/signals'
import type { FunctionComponent } from 'preact'
import { useEffect } from 'preact/hooks'
import { messageOf } from '../server.ts'

export function Later({ load }: { load: () => Promise<FunctionComponent> }) {
  const view = useSignal<{ readonly of: FunctionComponent } | undefined>(undefined)
  const failed = useSignal('')
  useEffect(() => {
    load().then(
      (found) => (view.value = { of: found }),
      (error: unknown) => (failed.value = messageOf(error)),
    )
  }, [])
  if (failed.value !== '') return <p class="empty">This view can’t be loaded: {failed.value}</p>
  const View = view.value?.of
  return View === undefined ? <p class="empty">Loading…</p> : <View />
}
