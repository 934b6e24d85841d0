/** Opens the positions in a folder with few file descriptors. */
import { systemClock } from '../../lib/flow/clock.ts'
import { Positions } from '../../lib/disk/positions.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { untilItWorks } from './few-files.ts'

await untilItWorks(async () => {
  const folder = process.argv[2]
  const positions = await Positions.open({ folder, log: SILENT, clock: systemClock })
  await positions.close()
})
