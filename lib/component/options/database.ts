/** An option that names a database: opened when the stage is built, so that stages themselves know nothing of disks. */
import { openMmdb, type Mmdb } from '../../disk/mmdb.ts'
import { LogstreamError } from '../../errors.ts'

/** What knows records of IP addresses. */
export type AddressDatabase = Mmdb

/** The MaxMind database that an option names. Throws IO or BAD_INPUT with the option's name. */
export function databaseOption(option: string, path: string): AddressDatabase {
  try {
    return openMmdb(path)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option })
  }
}
