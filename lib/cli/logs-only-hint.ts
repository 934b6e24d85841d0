/** Tells of `--logs-only` where it would make a refused config run. */
import type { Diagnostic } from '../alloy/diagnostic.ts'
import type { Supervisor } from '../run/supervise/supervisor.ts'

/** Returns a line to write after the diagnostics, or '' where the flag wouldn't help. `supervisor` must run nothing. */
export async function logsOnlyHint(
  supervisor: Supervisor,
  diagnostics: readonly Diagnostic[],
): Promise<string> {
  if (!diagnostics.some(isError)) return ''
  const without = await supervisor.check({ logsOnly: true })
  const leftOut = without.filter(({ expected }) => expected === true).length
  if (leftOut === 0 || without.some(isError)) return ''
  const them = leftOut === 1 ? 'one part that is' : `${leftOut} parts that are`
  return `With --logs-only the config runs, without ${them} not about logs.\n`
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}
