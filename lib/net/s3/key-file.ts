/** Keys from the shared credentials file of AWS' tools. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../disk/atomic.ts'
import { LogstreamError, reasonOf } from '../../errors.ts'
import { keysOf, type FoundKeys, type KeyPlaces } from './keys.ts'

/** Milliseconds after which the file is read again, so that keys can be changed in it. */
const READ_AGAIN_MS = 300_000

/** Of the profile that `AWS_PROFILE` names, else of `default`. Rejects for a profile that was asked for and isn't there. */
export async function fileKeys({ env, now }: KeyPlaces): Promise<FoundKeys | undefined> {
  const path = env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(env['HOME'] ?? homedir(), '.aws', 'credentials')
  const asked = env['AWS_PROFILE']
  const profile = profileIn(await textOf(path), asked ?? 'default')
  const id = profile?.get('aws_access_key_id')
  const secret = profile?.get('aws_secret_access_key')
  if (id !== undefined && secret !== undefined)
    return { ...keysOf(id, secret, profile?.get('aws_session_token')), until: now() + READ_AGAIN_MS }
  if (asked === undefined) return undefined
  throw new LogstreamError('IO', `expected keys of the profile "${asked}" in ${path}, found none`)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw new LogstreamError('IO', `cannot read ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

// file = { "[" profile "]" | name "=" value | ( "#" | ";" ) comment }, each on a line.
function profileIn(text: string, name: string): ReadonlyMap<string, string> | undefined {
  let found: Map<string, string> | undefined
  let inside = false
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('[')) {
      inside = line.replace(/^\[|\].*$/g, '').trim() === name
      if (inside) found ??= new Map()
    } else if (inside && !/^[#;]/.test(line)) {
      const at = line.indexOf('=')
      if (at > 0) found?.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim())
    }
  }
  return found
}
