/** What each stage of a `loki.process` has taken, given, and dropped for which reason, and how long it took. */
import type { StageRow } from '../../lib/component/component.ts'
import { grouped, short } from '../numbers.ts'
import { visible } from '../text/visible.ts'

/** The stages in a component's status; `undefined` for components of another kind. */
export function stagesIn(status: unknown): readonly StageRow[] | undefined {
  const { stages } = (status ?? {}) as { readonly stages?: readonly StageRow[] }
  return Array.isArray(stages) && stages.length > 0 ? stages : undefined
}

export function StageTable({ stages }: { stages: readonly StageRow[] }) {
  // The time of a stage has that of its inner ones in it.
  const total = stages.reduce((sum, { stage, seconds }) => (stage.includes('/') ? sum : sum + seconds), 0)
  return (
    <section>
      <h3>Stages</h3>
      <table class="stages">
        <thead>
          <tr>
            <th>Stage</th>
            <th class="number">In</th>
            <th class="number">Out</th>
            <th class="number">µs each</th>
            <th class="number">Time</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((each) => (
            <tr key={each.stage}>
              <td class="mono">
                {visible(each.stage)}
                {Object.entries(each.dropped).map(([reason, count]) => (
                  <div key={reason} class="bad">
                    {grouped(count)} dropped: {visible(reason)}
                  </div>
                ))}
              </td>
              <td class="number">{grouped(each.in)}</td>
              <td class="number">{grouped(each.out)}</td>
              <td class="number">{each.in === 0 ? '' : short((each.seconds * 1e6) / each.in)}</td>
              <td class="number">{total === 0 ? '' : `${Math.round((100 * each.seconds) / total)} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
