/** Both transports, in a thread and without one, in each way in which a process can end while Loki is away. */
import { join } from 'node:path'
import t from 'tap'
import { logAndEnd } from '../support/log-and-end.ts'

for (const library of ['pino', 'winston'] as const)
  for (const worker of [true, false])
    for (const how of ['kill', 'exit', 'crash', 'end'] as const)
      void t.test(`${library}, ${worker ? 'a thread' : 'no thread'}, ${how}`, async (tap) => {
        const dataDir = join(tap.testdir({}), 'logs')
        const outcome = await logAndEnd({ library, worker, dataDir, lines: 5000, how })
        tap.comment(JSON.stringify(outcome))
        tap.equal(outcome.lost, 0)
        tap.equal(outcome.confirmed, how === 'kill' ? 5000 : 0)
      })
