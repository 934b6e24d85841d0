/** Where the entries of a group failed, in one line. */
import type { FailedEntry, FailureGroup } from '../../lib/admin/failures/messages.ts'
import { visible } from '../text/visible.ts'

const MOST = 160

export function Reason({ group: { component, at }, first }: { group: FailureGroup; first: FailedEntry }) {
  return (
    <span class="reason">
      <span class="why">
        <Why at={at} />
      </span>
      <span class="soft mono where">
        {at === undefined ? component : `${at.stage} of ${component}`}
        {at?.place === undefined ? '' : ` (${visible(at.place.slice(at.place.lastIndexOf('/') + 1))})`}
      </span>
      <span class="soft mono sample">{visible(first.line.slice(0, MOST))}</span>
    </span>
  )
}

function Why({ at }: { at: FailureGroup['at'] }) {
  if (at?.regex !== undefined) {
    const { pattern, subject, progress } = at.regex
    if (progress === undefined) return <>the expression matches nothing in it</>
    const part = visible(pattern.slice(progress.from, progress.to))
    // The whole field, or the rest of the line.
    const found = visible((progress.found ?? subject.slice(progress.at)).slice(0, 60))
    return (
      <>
        {part === '' ? 'the line continues after the end of the expression' : <code>{part}</code>}
        {part === '' ? '' : ' did not match'} {found === '' ? 'at the end' : JSON.stringify(found)}
      </>
    )
  }
  const refused = at?.selector?.find(({ matched }) => !matched)
  if (refused === undefined) return <>no stage failed, but the selector picks it</>
  return (
    <>
      it doesn’t match <code>{visible(refused.part)}</code>
    </>
  )
}
