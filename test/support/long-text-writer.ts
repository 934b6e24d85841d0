/** A process that stores a text of a mebibyte in a folder, and says why it couldn't. */
import { writeSync } from 'node:fs'
import { messageOf } from '../../lib/errors.ts'
import { LongTexts } from '../../lib/store/long-texts.ts'
import { SILENT } from '../../lib/telemetry/log.ts'

const texts = await LongTexts.open(process.argv[2]!, SILENT)
texts.column('x'.repeat(1024 ** 2))
await texts.flush().catch((error: unknown) => writeSync(1, `${messageOf(error)}\n`))
