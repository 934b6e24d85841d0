/** Why a path cannot be read, and what to do about it. */
import type { BigIntStats } from 'node:fs'
import { codeOf } from '../../disk/atomic.ts'
import { messageOf } from '../../errors.ts'
import { hasMeta } from '../local.file_match/glob.ts'

/** Returns a sentence for the log, from a system error or from the stats of something that isn't a file. */
export function troubleOf(path: string, reason: unknown): string {
  if (isStats(reason)) {
    if (reason.isDirectory())
      return `${path} is a folder: name files, as in "${path}/*.log", by local.file_match or file_match { enabled = true }`
    return `${path} is not a plain file: only those can be read from a position; use loki.source.stdin or a socket for streams`
  }
  switch (codeOf(reason)) {
    case 'ENOENT':
      if (hasMeta(path))
        return `${path} does not exist; if it is meant as a pattern, use local.file_match or file_match { enabled = true }`
      return `${path} does not exist: it is read as soon as it appears; check the path if it should be there`
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read: allow it to the user who runs this, for example by membership in the file's group, or "setfacl -m u:USER:r"`
    case 'EMFILE':
    case 'ENFILE':
      return `${path} cannot be opened, too many files are open: raise the limit (ulimit -n, LimitNOFILE=) or match fewer files`
    case 'ENOTDIR':
      return `${path} does not exist, a part of its path is a file: check the path`
    default:
      return `${path} cannot be read: ${messageOf(reason)}; it is tried again`
  }
}

function isStats(reason: unknown): reason is BigIntStats {
  return typeof reason === 'object' && reason !== null && 'isDirectory' in reason
}
