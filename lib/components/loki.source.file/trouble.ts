/** Why a path cannot be read, and what to do about it. */
import type { BigIntStats } from 'node:fs'
import { userInfo } from 'node:os'
import { codeOf } from '../../disk/atomic.ts'
import { reasonOf } from '../../errors.ts'
import { hasMeta } from '../local.file_match/glob.ts'

/** Returns a sentence for the log, from a system error or from the stats of something that isn't a file. */
export function troubleOf(path: string, reason: unknown): string {
  if (isStats(reason)) {
    if (reason.isDirectory())
      return `${path} is a folder; name its files with local.file_match or file_match { enabled = true }, as in "${path}/*.log"`
    return `${path} is not a regular file, so it has no position to resume from; read streams with loki.source.stdin or a socket`
  }
  switch (codeOf(reason)) {
    case 'ENOENT':
      if (hasMeta(path))
        return `${path} does not exist; if it is a pattern, use local.file_match or file_match { enabled = true }`
      return `${path} does not exist; it will be read when it appears, so check the path if it should be there now`
    case 'EACCES':
    case 'EPERM':
      return `cannot read ${path}: permission denied; add the user that logstream runs as (${userName()}) to the group of the file and its folders, or run "setfacl -m u:${userName()}:r ${path}"`
    case 'EMFILE':
    case 'ENFILE':
      return `cannot open ${path}: too many files are open; raise the limit (ulimit -n, LimitNOFILE=) or match fewer files`
    case 'ENOTDIR':
      return `${path} does not exist: a part of the path is a file; check the path`
    default:
      return `cannot read ${path}: ${reasonOf(reason)}; trying again`
  }
}

/** The user's number, where it has no name, as in many containers. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'USER')
  }
}

function isStats(reason: unknown): reason is BigIntStats {
  return typeof reason === 'object' && reason !== null && 'isDirectory' in reason
}
