/** Every fault of docs/reliability.md: nothing is lost, and everything is accounted for. */
import t from 'tap'
import { faults, runFault } from '../faults/faults.ts'

for (const fault of faults)
  void t.test(fault.name, { skip: fault.lacks?.() ?? false }, async (tap) => {
    const { lines, lost, twice, unaccounted } = await runFault(fault)
    tap.comment(`${lines} lines, ${twice} sent twice`)
    tap.same({ lost, unaccounted }, { lost: 0, unaccounted: 0 })
  })
