/** Whether this machine has other work to do: times measured on it then say more about that work. */
import { availableParallelism, loadavg } from 'node:os'

/** The reason not to judge times by, or `false`. The load is that of the last minute. */
export function busyMachine(): string | false {
  const [load = 0] = loadavg()
  const cores = availableParallelism()
  return load > cores ? `a load of ${load.toFixed(1)} on ${cores} cores: measured, not judged` : false
}
