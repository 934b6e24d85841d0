/** What runs: the graph of components, the one that is chosen, all of them as a list, and the config. */
import { follow, params, viewAddress } from '../location.ts'
import { short } from '../numbers.ts'
import { rates, status } from '../status.ts'
import { ComponentPanel } from './component-panel.tsx'
import { ConfigTexts } from './config-text.tsx'
import { PipelineGraph } from './graph.tsx'

export function Pipeline() {
  const chosen = params.value.get('component')
  return (
    <div class={chosen === null ? 'pipeline' : 'pipeline with-panel'}>
      <div class="pipeline-main">
        <h1 class="hidden-text">Pipeline</h1>
        <PipelineGraph />
        <div class="pipeline-lists">
          <ComponentTable />
          <ConfigTexts />
          <Links />
        </div>
      </div>
      {chosen === null ? null : <ComponentPanel key={chosen} fullId={chosen} />}
    </div>
  )
}

function ComponentTable() {
  return (
    <table>
      <thead>
        <tr>
          <th>Component</th>
          <th>Health</th>
          <th class="number">Entries/s</th>
        </tr>
      </thead>
      <tbody>
        {status.value!.components.map(({ fullId, health, forwardTo }) => (
          <tr key={fullId}>
            <td class="mono">
              <a href={viewAddress('pipeline', { component: fullId })} onClick={follow}>
                {fullId}
              </a>
            </td>
            <td>
              <span class={health.state}>{health.state}</span>
              {health.message === '' ? '' : `: ${health.message}`}
            </td>
            <td class="number">{forwardTo.length === 0 ? '' : short(rates.value.get(fullId) ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Links() {
  return (
    <p class="links soft">
      <a href="/metrics">Metrics</a>
      <a href="api/v0/web/components">Components as JSON</a>
      {status.value!.support ? <a href="/-/support">Support bundle</a> : null}
      <span>logstream {status.value!.version}</span>
    </p>
  )
}
