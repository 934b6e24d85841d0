/** Takes over and reads the spool in a folder with few file descriptors. */
import { join } from 'node:path'
import { takeSpoolFolder } from '../../lib/delivery/spool-folders.ts'
import { Spool } from '../../lib/delivery/spool.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { untilItWorks } from './few-files.ts'

const [, , folder = '', key = ''] = process.argv
await untilItWorks(async () => {
  const lock = await takeSpoolFolder(folder, [{ key, endpoint: '0', title: 'http://loki/' }])
  try {
    const spool = await Spool.open({ folder: join(lock!.folder, key), maxBytes: 1e6, log: SILENT })
    try {
      await spool.oldest()
    } finally {
      await spool.close()
    }
  } finally {
    await lock!.release()
  }
})
