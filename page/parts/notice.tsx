/** What was copied last, for a moment. */
import { notice } from './copy.ts'

export function Notice() {
  return (
    <p class="notice" role="status" data-shown={notice.value !== ''}>
      {notice.value}
    </p>
  )
}
