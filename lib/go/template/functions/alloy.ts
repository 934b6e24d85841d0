/** The functions that Alloy's template and replace stages add to sprig's; Go's argument order, text first. */
import { createHash } from 'node:crypto'
import { fixed } from '../function.ts'
import { toLower, toUpper } from '../../strings/letters.ts'
import { toBytes } from '../../strings/bytes.ts'
import { trim, trimLeft, trimPrefix, trimRight, trimSuffix } from '../../strings/edit.ts'
import { trimSpace } from '../../strings/space.ts'
import { boundedReplace } from '../bounded-text.ts'
import type { TemplateFunction } from '../value.ts'
import { replaceAll, replaceAllLiteral } from './regex.ts'

function digest(algorithm: string, salt: string, text: string): string {
  return createHash(algorithm)
    .update(toBytes(salt + text))
    .digest('hex')
}

/** By name. The two of regular expressions are sprig's as well. */
export const alloyOnly: readonly [string, TemplateFunction][] = [
  ['ToLower', fixed(['string'], toLower)],
  ['ToUpper', fixed(['string'], toUpper)],
  ['Replace', fixed(['string', 'string', 'string', 'int'], boundedReplace)],
  ['Trim', fixed(['string', 'string'], trim)],
  ['TrimLeft', fixed(['string', 'string'], trimLeft)],
  ['TrimRight', fixed(['string', 'string'], trimRight)],
  ['TrimPrefix', fixed(['string', 'string'], trimPrefix)],
  ['TrimSuffix', fixed(['string', 'string'], trimSuffix)],
  ['TrimSpace', fixed(['string'], trimSpace)],
  ['Hash', fixed(['string', 'string'], (salt, text) => digest('sha3-256', salt, text))],
  ['Sha2Hash', fixed(['string', 'string'], (salt, text) => digest('sha256', salt, text))],
  ['regexReplaceAll', fixed(['string', 'string', 'string'], replaceAll)],
  ['regexReplaceAllLiteral', fixed(['string', 'string', 'string'], replaceAllLiteral)],
]

/** Those whose result depends on their arguments only: all of them. */
export const pureFunctions: ReadonlySet<TemplateFunction> = new Set(alloyOnly.map(([, call]) => call))
