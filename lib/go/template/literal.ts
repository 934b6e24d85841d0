/** The constants of a template: which Go types a number can have, and the text of strings. */
import { parseFloat } from '../strconv/number.ts'
import { isInt64, toInt64 } from '../integer.ts'
import { parseInteger } from '../strconv/integer.ts'
import { unquoteChar } from '../strconv/quote.ts'
import type { NumberOperand } from './tree.ts'

const maxUint64 = (1n << 64n) - 1n

function number(at: number, text: string): NumberOperand {
  return {
    kind: 'number',
    at,
    text,
    ideal: undefined,
    integer: undefined,
    unsigned: undefined,
    float: undefined,
  }
}

function setInteger(operand: NumberOperand, value: bigint): void {
  operand.integer = isInt64(value) ? value : undefined
  if (value >= 0n && value <= maxUint64) operand.unsigned = value
  operand.float = Number(value)
}

/** A float constant serves as an integer if it has no fraction. */
function setFloat(operand: NumberOperand, value: number): void {
  operand.float = value
  if (!Number.isInteger(value)) return
  if (Math.abs(value) < 2 ** 63) operand.integer = toInt64(value)
  if (value >= 0 && value < 2 ** 64) operand.unsigned = BigInt(value)
}

/** A character constant, a number of every type; a string says what is wrong. */
export function charConstant(at: number, text: string): NumberOperand | string {
  const code = unquoteChar(text)
  if (code === undefined) return `malformed character constant: ${text}`
  const operand = number(at, text)
  setInteger(operand, BigInt(code))
  operand.ideal = operand.integer
  return operand
}

/** `1+2i` and `2i`. */
export function complexConstant(at: number, text: string): NumberOperand | string {
  const cut = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'))
  const split = cut > 0 && !/[eEpP]/.test(text[cut - 1] ?? '') ? cut : 0
  const re = split === 0 ? 0 : parseFloat(text.slice(0, split))
  const im = parseFloat(text.slice(split, -1))
  if (re === undefined || im === undefined) return `illegal number syntax: ${JSON.stringify(text)}`
  const operand = number(at, text)
  operand.ideal = { re, im }
  if (im === 0) setFloat(operand, re)
  return operand
}

/** An integer or float constant; a string says what is wrong. */
export function numberConstant(at: number, text: string): NumberOperand | string {
  if (text.endsWith('i') && parseFloat(text.slice(0, -1)) !== undefined) return complexConstant(at, text)
  const operand = number(at, text)
  const integer = parseInteger(text)
  if (integer !== undefined && (isInt64(integer) || (integer >= 0n && integer <= maxUint64))) {
    // Go takes a sign for signed integers only; -0 is an exception.
    setInteger(operand, integer)
    if (/^[+-]/.test(text) && integer !== 0n) operand.unsigned = undefined
    operand.ideal = operand.integer
    return operand
  }
  const float = parseFloat(text)
  if (float === undefined) return `illegal number syntax: ${JSON.stringify(text)}`
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${JSON.stringify(text)}`
  setFloat(operand, float)
  operand.ideal = float
  return operand
}
