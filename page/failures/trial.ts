/** The stage being edited, and what happens to the failed entries with it. */
import { batch, signal } from '@preact/signals'
import type { ExplainAnswer, StageText, TryRequest } from '../../lib/admin/failures/messages.ts'
import { askJson, messageOf } from '../server.ts'
import { asked } from './asked.ts'
import { found, requestOf } from './found.ts'

/** The stage that is edited, as the config has it. */
export const edited = signal<StageText | undefined>(undefined)
export const text = signal('')
export const outcome = signal<ExplainAnswer | undefined>(undefined)
export const mistake = signal('')
export const trying = signal(false)

let running = new AbortController()

/** Starts editing a stage. */
export function edit(stage: StageText | undefined): void {
  running.abort()
  batch(() => {
    edited.value = stage
    text.value = stage?.text ?? ''
    outcome.value = undefined
    mistake.value = ''
    trying.value = false
  })
}

/** Runs all entries that were found through the stages, with the edited one in place. */
export async function tryStage(): Promise<void> {
  const now = found.value
  const stage = edited.value
  if (now === undefined || stage === undefined) return
  running.abort()
  running = new AbortController()
  const { signal: stopped } = running
  const body: TryRequest = {
    ...requestOf(asked.value, now.entries),
    stage: { component: stage.component, path: stage.path, text: text.value },
  }
  trying.value = true
  try {
    const answer = await askJson<ExplainAnswer>('api/v0/logstream/failures/try', { signal: stopped, body })
    batch(() => {
      outcome.value = answer
      mistake.value = ''
    })
  } catch (error) {
    if (stopped.aborted) return
    batch(() => {
      outcome.value = undefined
      mistake.value = messageOf(error)
    })
  } finally {
    if (!stopped.aborted) trying.value = false
  }
}
