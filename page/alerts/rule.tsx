/** One rule: its state, its alerts, its expression with the way to Explore, its last evaluation. */
import type { AlertAnswer, RuleAnswer } from '../../lib/rules/api/answers.ts'
import { source } from '../explore/asked.ts'
import { follow, viewAddress } from '../location.ts'
import { ago, clock, short } from '../numbers.ts'
import { status } from '../status.ts'
import { visible } from '../text/visible.ts'
import type { FoundRule } from './found.ts'

type Labels = RuleAnswer['labels']

export function Rule({ of: { group, rule } }: { of: FoundRule }) {
  const failed = rule.health === 'err'
  return (
    <li class="rule" aria-label={rule.name}>
      <div class="rule-head">
        <State rule={rule} />
        <strong>{visible(rule.name)}</strong>
        <span class="soft">
          {visible(group.file)} / {visible(group.name)}
        </span>
        <span class="grow" />
        <span class="soft evaluated">{evaluated(rule, group.interval)}</span>
      </div>
      <a
        class="mono expression"
        href={viewAddress('explore', { q: rule.query, source: source.value?.name })}
        onClick={follow}
        title="Open in Explore"
      >
        {visible(rule.query)}
      </a>
      {failed ? <p class="bad mistake">{visible(rule.lastError)}</p> : null}
      {rule.type === 'alerting' && rule.alerts.length > 0 ? (
        <ul class="alert-list">
          {rule.alerts.map((alert) => (
            <Alert key={JSON.stringify(alert.labels)} alert={alert} />
          ))}
        </ul>
      ) : null}
    </li>
  )
}

function State({ rule }: { rule: RuleAnswer }) {
  if (rule.health === 'err') return <span class="chip bad">failed</span>
  if (rule.type === 'recording') return <span class="chip">recording</span>
  return <span class={`chip ${COLOURS[rule.state]}`}>{rule.state}</span>
}

const COLOURS = { firing: 'bad', pending: 'waiting', inactive: 'good' } as const

function evaluated({ lastEvaluation, evaluationTime }: RuleAnswer, interval: number): string {
  const every = `every ${ago(interval)}`
  const at = Date.parse(lastEvaluation)
  if (!(at > 0)) return `${every}, not evaluated yet`
  const took = Math.max(1, Math.round(evaluationTime * 1000))
  return `${every}, last ${clock(at)} in ${took} ms`
}

function Alert({ alert }: { alert: AlertAnswer }) {
  const { state, activeAt, value, labels, annotations } = alert
  const since = Date.parse(activeAt)
  const now = status.value?.now ?? Date.now()
  return (
    <li class="alert">
      <span class={state === 'firing' ? 'bad' : 'warn'}>{state}</span>
      <time dateTime={activeAt} title={activeAt}>
        for {ago((now - since) / 1000)}
      </time>
      <span class="number">{short(Number(value))}</span>
      <span class="about">
        {Object.entries(annotations).map(([name, text]) => (
          <span key={name} class="annotation" title={name}>
            {visible(text)}
          </span>
        ))}
        <LabelList labels={labels} />
      </span>
    </li>
  )
}

function LabelList({ labels }: { labels: Labels }) {
  return (
    <span class="labels mono soft">
      {Object.entries(labels)
        .filter(([name]) => name !== 'alertname')
        .map(([name, value]) => (
          <span key={name}>
            {visible(name)}=<b>{visible(value)}</b>
          </span>
        ))}
    </span>
  )
}
