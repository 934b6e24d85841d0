/** What runs: the components, how they are, and where they send. */
import { short } from '../numbers.ts'
import { rates, status } from '../status.ts'

export function Pipeline() {
  const { components } = status.value!
  return (
    <div class="sheet">
      <h1>Pipeline</h1>
      <table>
        <thead>
          <tr>
            <th>Component</th>
            <th>Health</th>
            <th class="number">Entries/s</th>
            <th>Forwards to</th>
          </tr>
        </thead>
        <tbody>
          {components.map(({ fullId, health, forwardTo }) => (
            <tr key={fullId}>
              <td class="mono">{fullId}</td>
              <td class={health.state}>{health.state}</td>
              <td class="number">{forwardTo.length === 0 ? '' : short(rates.value.get(fullId) ?? 0)}</td>
              <td class="mono">
                {forwardTo.map((target) => (
                  <div key={target}>{target}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
