/** The page at `/`: components, their health, and where the rest is. All that comes from outside is escaped. */
import type { ComponentInfo } from '../run/component-info.ts'

const STYLE = `:root{color-scheme:light dark;--line:#8884;--ok:#1a7f37;--bad:#cf222e}
@media(prefers-color-scheme:dark){:root{--ok:#3fb950;--bad:#ff7b72}}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem;margin:0}nav a{margin-right:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin-top:1rem}
th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
code{font:13px ui-monospace,monospace}.healthy{color:var(--ok)}.unhealthy{color:var(--bad);font-weight:600}`

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

export function componentsPage(components: readonly ComponentInfo[]): string {
  const sick = components.filter(({ health }) => health.state === 'unhealthy').length
  const summary = sick === 0 ? 'all healthy' : `${sick} unhealthy`
  const rows = components.map(componentRow).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>logstream</title><style>${STYLE}</style></head>
<body><h1>logstream</h1>
<p>${components.length} components, ${summary}</p>
<nav><a href="/metrics">metrics</a><a href="/-/ready">ready</a><a href="/-/healthy">healthy</a></nav>
<div class="wide"><table><thead><tr><th>Component</th><th>Health</th><th>Forwards to</th></tr></thead>
<tbody>
${rows}
</tbody></table></div></body></html>
`
}

function componentRow({ fullId, health, forwardTo }: ComponentInfo): string {
  const message = health.message === '' ? '' : `: ${escapeHtml(health.message)}`
  const targets = forwardTo.map((id) => `<code>${escapeHtml(id)}</code>`).join('<br>')
  return `<tr><td><code>${escapeHtml(fullId)}</code></td><td class="${health.state}">${health.state}${message}</td><td>${targets}</td></tr>`
}
