/** Where a command looks for what a service or a pipe has stored, when it isn't told. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Io } from './io.ts'

/** What `logstream run` uses. */
export const SERVICE_STORAGE = 'data-logstream'

/** What a pipe uses: the user's state folder. */
export function pipeStorage(io: Io): string {
  return join(io.env['XDG_STATE_HOME'] || join(io.env['HOME'] || homedir(), '.local', 'state'), 'logstream')
}

/** The folder of a service in the working directory, else that of pipes. */
export function storagePath(given: string | undefined, io: Io): string {
  return given ?? (existsSync(SERVICE_STORAGE) ? SERVICE_STORAGE : pipeStorage(io))
}

/** Follows a folder without anything in it: if it was guessed, a service may have another. */
export function elsewhere(given: string | undefined): string {
  return given === undefined ? ' (for a service, give its folder: --storage.path=DIR)' : ''
}
