/** Loading the config of a running service again, with a line in the log for every outcome. */
import { placeOf, type Diagnostic } from '../alloy/diagnostic.ts'
import { sayMessage } from '../admin/say.ts'
import { messageOf } from '../errors.ts'
import type { Supervisor } from '../run/supervise/supervisor.ts'
import type { Logger } from '../telemetry/log.ts'

const KEPT = 'config was not reloaded, the one from before keeps running'

/** Returns the diagnostics. Throws what makes a reload impossible: a config that can't be read, a component that can't start. */
export async function reload(supervisor: Supervisor, log: Logger): Promise<readonly Diagnostic[]> {
  try {
    const diagnostics = await supervisor.load()
    logDiagnostics(diagnostics, log)
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    if (errors > 0) log.error(KEPT, { errors })
    else log.info('config reloaded', { components: supervisor.components().length })
    return diagnostics
  } catch (error) {
    log.error(KEPT, { error: messageOf(error) })
    throw error
  }
}

/** One line each, in whatever format the log has. */
export function logDiagnostics(diagnostics: readonly Diagnostic[], log: Logger): void {
  for (const found of diagnostics)
    log[found.severity === 'error' ? 'error' : 'warn'](sayMessage(found), { at: placeOf(found) })
}
