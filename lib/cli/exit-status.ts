/** What the account of source units means for the exit status, and the sentence that says so. */
import type { Ledger } from '../flow/ledger.ts'
import { plural } from '../formats/plural.ts'
import { EXIT } from './io.ts'

/**
 * 0: everything read was delivered, or dropped on purpose; 3: some lines wait in the spool or in the dead letters;
 * 4: some could not be saved anywhere. `spooled` is what waits on disk now: what went there and was delivered from
 * there in the same run does not count.
 */
export function exitStatus(
  ledger: Ledger,
  spooled: number,
  storagePath?: string,
): { code: number; message: string } {
  const lost = ledger.inFlightOnce + ledger.lost + ledger.noted('torn') + ledger.noted('unsaved')
  const dead = ledger.total('dead_lettered')
  const where = storagePath === undefined ? '' : ` under ${storagePath}`
  const parts: string[] = []
  if (lost > 0) parts.push(`${plural(lost, 'line')} could not be delivered or saved`)
  if (spooled > 0)
    parts.push(
      `${plural(spooled, 'line waits', 'lines wait')} in the spool${where}: the next run delivers ${spooled === 1 ? 'it' : 'them'}`,
    )
  if (dead > 0)
    parts.push(
      `${plural(dead, 'line was refused by Loki and is', 'lines were refused by Loki and are')} in the dead letters${where}`,
    )
  return {
    code: lost > 0 ? EXIT.lost : spooled + dead > 0 ? EXIT.undelivered : EXIT.ok,
    message: parts.join('; '),
  }
}
