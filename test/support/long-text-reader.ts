/** Stores a long text in a folder, and reads it with few file descriptors. */
import { LongTexts } from '../../lib/store/long-texts.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { untilItWorks } from './few-files.ts'

const texts = await LongTexts.open(process.argv[2]!, SILENT)
const text = 'x'.repeat(5000)
const column = texts.column(text)
await texts.flush()
await untilItWorks(() =>
  Promise.resolve().then(() => {
    if (!texts.isSame(column, text)) throw new Error('it is another one')
  }),
)
