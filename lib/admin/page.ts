/** The page at `/`: is all well, where have the lines gone, what runs. All that comes from outside is escaped. */
import type { LedgerRow } from '../flow/ledger.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import { VERSION } from '../version.ts'

const STYLE = `:root{color-scheme:light dark;--soft:#59636e;--line:#8883;--face:#8881;--ok:#1a7f37;--bad:#cf222e;--link:#0969da}
@media(prefers-color-scheme:dark){:root{--soft:#9198a1;--ok:#3fb950;--bad:#ff7b72;--link:#79b8ff}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:66rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline}
h1{font-size:1.25rem;margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}
small,.soft{color:var(--soft);font-size:.875rem;font-weight:400}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
.state{font-weight:600;margin:.75rem 0 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.5rem;margin:0}
dl div{background:var(--face);border-radius:.4rem;padding:.5rem .75rem}
dt{color:var(--soft);font-size:.875rem}dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem 1rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-size:.875rem;font-weight:400}td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;padding-right:0}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}tr:target{background:var(--face)}
.stack th:first-child{width:38%}.stack th:last-child{width:32%}.to a{display:block}
.healthy{color:var(--ok)}.unhealthy,.bad{color:var(--bad)}
@media(max-width:40rem){.stack thead{display:none}.stack td{display:block;border:0;padding:.1rem 0;overflow-wrap:anywhere}.stack,.stack tbody{display:block}
.stack tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}.to a::before{content:"\\2192  ";color:var(--soft)}}`

/** What the page shows beside the components. */
export interface PageParts {
  /** What paths of the page begin with; ends with `/`. */
  readonly prefix: string
  readonly ledger: { readonly read: number; readonly inFlight: number; rows(): readonly LedgerRow[] }
  /** Whether a support bundle can be had. */
  readonly support: boolean
}

const NO_PARTS: PageParts = { prefix: '/', ledger: { read: 0, inFlight: 0, rows: () => [] }, support: false }

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

export function componentsPage(components: readonly ComponentInfo[], parts: PageParts = NO_PARTS): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>logstream</title><style>${STYLE}</style></head>
<body><header><h1>logstream <small>${escapeHtml(VERSION)}</small></h1>${navigation(parts)}</header>
${stateLine(components)}
${ledgerPart(parts.ledger)}
${components.length === 0 ? '' : componentTable(components, parts.prefix)}
</body></html>
`
}

function componentTable(components: readonly ComponentInfo[], prefix: string): string {
  return `<h2>Components</h2>
<table class="stack"><thead><tr><th>Component</th><th>Health</th><th>Forwards to</th></tr></thead>
<tbody>
${components.map((component) => componentRow(component, prefix)).join('\n')}
</tbody></table>`
}

function navigation({ prefix, support }: PageParts): string {
  const links = [
    ['/metrics', 'metrics'],
    ['/-/ready', 'ready'],
    ['/-/healthy', 'healthy'],
    [`${prefix}api/v0/web/components`, 'components as JSON'],
    ...(support ? [['/-/support', 'support bundle']] : []),
  ]
  return `<nav>${links.map(([to, name]) => `<a href="${escapeHtml(to!)}">${name}</a>`).join('')}</nav>`
}

function stateLine(components: readonly ComponentInfo[]): string {
  const sick = components.filter(({ health }) => health.state === 'unhealthy').length
  const count = `${components.length} ${components.length === 1 ? 'component' : 'components'}`
  return sick === 0
    ? `<p class="state healthy">${count}, all healthy</p>`
    : `<p class="state unhealthy">${count}, ${sick} unhealthy</p>`
}

function ledgerPart(ledger: PageParts['ledger']): string {
  const rows = ledger.rows()
  const total = (state: string): number =>
    rows.reduce((sum, row) => (row.state === state ? sum + row.units : sum), 0)
  const fact = (name: string, units: number, bad = false): string =>
    `<div><dt>${name}</dt><dd${bad && units > 0 ? ' class="bad"' : ''}>${grouped(units)}</dd></div>`
  const reasons = rows
    .filter(({ state }) => state === 'dropped' || state === 'dead_lettered')
    .sort((a, b) => b.units - a.units)
  return `<h2>Lines <small>read = delivered + spooled + dropped + dead letters + in flight</small></h2>
<dl>${fact('read', ledger.read)}${fact('delivered', total('delivered'))}${fact('spooled', total('spooled'))}${fact('dropped', total('dropped'))}${fact('dead letters', total('dead_lettered'), true)}${fact('in flight', ledger.inFlight)}</dl>
${reasons.length === 0 ? '' : reasonTable(reasons)}`
}

function reasonTable(reasons: readonly LedgerRow[]): string {
  const row = ({ state, reason, units }: LedgerRow): string =>
    `<tr><td>${state === 'dropped' ? 'dropped' : 'dead letter'}</td><td><code>${escapeHtml(reason)}</code></td><td class="number">${grouped(units)}</td></tr>`
  return `<h2>Why lines did not arrive</h2>
<table><thead><tr><th>End</th><th>Reason</th><th class="number">Lines</th></tr></thead>
<tbody>
${reasons.map(row).join('\n')}
</tbody></table>`
}

function componentRow({ fullId, health, forwardTo }: ComponentInfo, prefix: string): string {
  const message = health.message === '' ? '' : `: ${escapeHtml(health.message)}`
  const id = escapeHtml(fullId)
  const json = `${prefix}api/v0/web/components/${fullId.split('/').map(encodeURIComponent).join('/')}`
  const targets = forwardTo
    .map((target) => {
      return `<a href="#${escapeHtml(encodeURIComponent(target))}"><code>${breakable(target)}</code></a>`
    })
    .join('')
  return `<tr id="${id}"><td><a href="${escapeHtml(json)}"><code>${breakable(fullId)}</code></a></td><td class="${health.state}">${health.state}${message}</td><td class="to">${targets}</td></tr>`
}

// A long id is broken where its module ends.
function breakable(fullId: string): string {
  return escapeHtml(fullId).replaceAll('/', '/<wbr>')
}

// 1234567 as 1 234 567, with spaces that do not break.
function grouped(units: number): string {
  return String(units).replace(/\B(?=(?:\d{3})+$)/g, '\u202f')
}
