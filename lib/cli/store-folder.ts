/** Opens the folder of a store that isn't running, for commands that work on it; asks a running one to seal. */
import { LogstreamError, messageOf } from '../errors.ts'
import { DEFAULT_LIMITS } from '../store/limits.ts'
import { holdsStore } from '../store/sealed/store-files.ts'
import { LogStore } from '../store/store.ts'
import { createLogger } from '../telemetry/log.ts'
import type { Io } from './io.ts'

const MIB = 1024 ** 2

/** Runs something on an open store, in which nothing happens by itself. Throws IO where there is no store: none is made. */
export async function withStore<T>(path: string, io: Io, run: (store: LogStore) => Promise<T>): Promise<T> {
  if (!(await holdsStore(path)))
    throw new LogstreamError('IO', `"${path}" holds no store: name its folder with --path`)
  const log = createLogger({ level: 'warn', format: 'logfmt' }, (line) => io.stderr.write(`${line}\n`))
  const options = {
    path,
    retention: 0,
    retentionStreams: [],
    maxSize: 0,
    deletionMode: 'filter-only' as const,
    deleteRequestCancelPeriod: 0,
    discoverServiceName: [],
    discoverLogLevels: false,
    limits: DEFAULT_LIMITS,
    threads: 2,
    maxMemory: 512 * MIB,
  }
  const clock = { now: () => Date.now(), after: () => ({ cancel: () => {} }) }
  const store = await LogStore.open(options, clock, log)
  try {
    return await run(store)
  } finally {
    await store.close()
  }
}

/** Makes a running store seal what it has. Throws IO when it doesn't. */
export async function sealStore(url: string): Promise<void> {
  const address = `${url.replace(/\/+$/, '')}/flush`
  try {
    const { status } = await fetch(address, { method: 'POST' })
    if (status === 204) return
    throw new Error(`it answered ${status}`)
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `the store at ${address} could not be asked to seal: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
}
