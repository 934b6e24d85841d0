/** Alerts: rules and what they have found, the firing ones first. */
import { useEffect } from 'preact/hooks'
import { source } from '../explore/asked.ts'
import { go } from '../location.ts'
import { NoLines } from '../parts/no-lines.tsx'
import { status } from '../status.ts'
import { failure, keepAsking, rules, type FoundRule } from './found.ts'
import { Rule } from './rule.tsx'

export function Alerts() {
  const refused = status.value?.refused
  return refused === undefined ? <Asking /> : <NoLines why={refused} />
}

function Asking() {
  useEffect(() => keepAsking(), [])
  const found = rules.value
  return (
    <div class="sheet alerts">
      <h1>Alerts</h1>
      <Sources />
      {failure.value === '' ? null : (
        <div class="failure" role="alert">
          <strong>There’s no answer.</strong>
          <pre>{failure.value}</pre>
        </div>
      )}
      {found === undefined ? (
        failure.value === '' ? (
          <p class="empty">Asking…</p>
        ) : null
      ) : found.length === 0 ? (
        <NoRules />
      ) : (
        <Found rules={found} />
      )}
    </div>
  )
}

/** Which Loki is asked, where there are several. */
function Sources() {
  const all = status.value?.sources ?? []
  if (all.length < 2) return null
  return (
    <select
      aria-label="Source"
      value={source.value?.name}
      onChange={(event) => {
        rules.value = undefined
        go({ source: event.currentTarget.value })
      }}
    >
      {all.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}

function Found({ rules: all }: { rules: readonly FoundRule[] }) {
  const alerts = all.flatMap(({ rule }) => (rule.type === 'alerting' ? rule.alerts : []))
  const firing = alerts.filter(({ state }) => state === 'firing').length
  const failed = all.filter(({ rule }) => rule.health === 'err').length
  return (
    <>
      <p class="soft" role="status">
        {firing} firing, {alerts.length - firing} pending, {all.length} rules
        {failed === 0 ? '' : `, ${failed} of them failed`}
      </p>
      <ul class="rules">
        {all.map((each) => (
          <Rule key={each.key} of={each} />
        ))}
      </ul>
    </>
  )
}

function NoRules() {
  return (
    <div class="empty">
      <p>
        <strong>No rules.</strong>
      </p>
      <p>
        A store evaluates alerting and recording rules with a block <code>{'rules { path = "…" }'}</code> in
        its config, or <code>logstream store --rules.path</code>.
      </p>
    </div>
  )
}
