/** A process that files dead letters in a folder, one of them larger than its files may be. */
import { DeadLetters, type DeadLetter } from '../../lib/delivery/dead-letters.ts'

const letters = new DeadLetters({ folder: process.argv[2]!, maxBytes: 1e9, maxFileBytes: 1e9 })
for (const line of ['a', 'x'.repeat(2e6), 'b'])
  await letters.append([{ line } as DeadLetter]).catch(() => undefined)
await letters.close()
