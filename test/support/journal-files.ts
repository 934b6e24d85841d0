/** Real journal files, written by Debian's systemd-journal-remote from the export format. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const REMOTE = '/lib/systemd/systemd-journal-remote'

/** Why no journal can be written or read here, `undefined` when it can. */
export function noJournal(): string | undefined {
  if (!existsSync(REMOTE)) return 'systemd-journal-remote is missing: apt-get install systemd-journal-remote'
  return spawnSync('journalctl', ['--version']).status === 0
    ? undefined
    : 'journalctl is missing: apt-get install systemd'
}

export type JournalFields = Readonly<Record<string, string | Buffer>>

/** Adds entries to `NAME.journal` in the folder; times count up from `micros` by one each. */
export function writeJournal(
  folder: string,
  name: string,
  micros: number,
  entries: readonly JournalFields[],
): void {
  const boot = 'c0ffee00c0ffee00c0ffee00c0ffee00'
  const input = Buffer.concat(
    entries.flatMap((fields, i) => [
      Buffer.from(
        `__REALTIME_TIMESTAMP=${micros + i}\n__MONOTONIC_TIMESTAMP=${(micros % 1e12) + i}\n_BOOT_ID=${boot}\n`,
      ),
      ...Object.entries(fields).map(([field, value]) => exported(field, value)),
      Buffer.from('\n'),
    ]),
  )
  execFileSync(REMOTE, [`--output=${join(folder, `${name}.journal`)}`, '-'], {
    input,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

// systemd.io/JOURNAL_EXPORT_FORMATS: FIELD=text, or FIELD, a line feed, the length in 64 bits and the bytes.
function exported(field: string, value: string | Buffer): Buffer {
  if (typeof value === 'string' && !value.includes('\n')) return Buffer.from(`${field}=${value}\n`)
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${field}\n`), length, bytes, Buffer.from('\n')])
}
