/** The `file` namespace: paths, without touching the disk. */
import { posix, win32 } from 'node:path'
import { toStringValue } from '../convert.ts'
import type { FunctionValue } from '../value.ts'
import { defineVariadic } from './define.ts'

/**
 * `file.path_join(part, ...)` as Go's `filepath.Join` on this operating system (Go's name): empty parts are left
 * out, `.`, `..` and doubled separators resolved, no separator at the end; no parts make `""`.
 */
export function pathJoin(os: string): FunctionValue {
  const path = os === 'windows' ? win32 : posix
  return defineVariadic('file.path_join', toStringValue, (parts) => {
    const filled = parts.filter((part) => part !== '')
    if (filled.length === 0) return ''
    const joined = path.join(...filled)
    const root = path.parse(joined).root
    return joined.length > root.length && joined.endsWith(path.sep) ? joined.slice(0, -1) : joined
  })
}
