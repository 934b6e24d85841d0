/** A certificate or key that a config holds either inline (`x_pem`) or in a file (`x_file`). */
import { readFileSync } from 'node:fs'
import { LogstreamError, reasonOf } from '../errors.ts'

/**
 * Returns the PEM text, or `undefined` when neither is set. `name` is the attribute without its ending. Throws
 * BAD_CONFIG when both are set and IO when the file can't be read; `option` then names the `_file` attribute.
 */
export function readPem(name: string, inline: string, file: string): string | undefined {
  const option = `${name}_file`
  if (inline !== '' && file !== '')
    throw new LogstreamError('BAD_CONFIG', `both ${name}_pem and ${option} are set: keep one of them`, {
      option,
    })
  if (file === '') return inline === '' ? undefined : inline
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `${option}: cannot read "${file}": ${reasonOf(error)}`, {
      cause: error,
      option,
    })
  }
}
