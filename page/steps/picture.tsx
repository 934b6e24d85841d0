/** Shows which part of a regular expression failed, and where in the line. */
import type { RegexMiss } from '../../lib/explain/explain.ts'
import { visible } from '../text/visible.ts'

export function Picture({ miss: { pattern, subject, progress } }: { miss: RegexMiss }) {
  if (progress === undefined)
    return (
      <dl class="picture">
        <dt>pattern</dt>
        <dd>
          <mark class="failed">{visible(pattern)}</mark>
        </dd>
        <dt>line</dt>
        <dd>{visible(subject)}</dd>
      </dl>
    )
  const { from, to, at, found } = progress
  const end = found === undefined ? Math.min(subject.length, at + 1) : at + found.length
  return (
    <dl class="picture">
      <dt>pattern</dt>
      <dd>
        <span class="passed">{visible(pattern.slice(0, from))}</span>
        <mark class="failed">{visible(pattern.slice(from, to)) || 'the end'}</mark>
        <span class="soft">{visible(pattern.slice(to))}</span>
      </dd>
      <dt>line</dt>
      <dd>
        <span class="passed">{visible(subject.slice(0, at))}</span>
        <mark class="failed">{visible(subject.slice(at, end)) || '‹end›'}</mark>
        {visible(subject.slice(end))}
      </dd>
      <dt class="hidden-text">In words</dt>
      <dd class="soft words">
        <code>{visible(pattern.slice(from, to)) || 'the end of the pattern'}</code> did not match
        {found === undefined ? '' : ` ${JSON.stringify(visible(found))}`} at character{' '}
        {[...subject.slice(0, at)].length + 1}
      </dd>
    </dl>
  )
}
