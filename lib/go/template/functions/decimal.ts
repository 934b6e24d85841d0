/** Decimal arithmetic as github.com/shopspring/decimal does it for sprig's addf and its kin: 0.1 + 0.2 is 0.3. */
import { formatFloat } from '../../strconv/number.ts'
import { fault } from '../value.ts'

/** coefficient * 10^exponent */
export interface Decimal {
  coefficient: bigint
  exponent: number
}

/** Digits after the point that a division keeps. */
const divisionPrecision = 16

/** The shortest decimal that reads back as the double. */
export function toDecimal(value: number): Decimal {
  if (!Number.isFinite(value)) throw fault(`Cannot create a Decimal from ${formatFloat(value)}`)
  const [digits = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = digits.split('.')
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

export function toDouble({ coefficient, exponent }: Decimal): number {
  return Number(`${coefficient}e${exponent}`)
}

function scaledTo(value: Decimal, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent)
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { coefficient: scaledTo(a, exponent) + scaledTo(b, exponent), exponent }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { coefficient: -b.coefficient, exponent: b.exponent })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Rounded half away from zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw fault('division by zero')
  const shift = a.exponent - b.exponent + divisionPrecision
  const above = magnitude(a.coefficient) * 10n ** BigInt(Math.max(shift, 0))
  const below = magnitude(b.coefficient) * 10n ** BigInt(Math.max(-shift, 0))
  const rounded = (above * 2n + below) / (below * 2n)
  const negative = a.coefficient < 0n !== b.coefficient < 0n
  return { coefficient: negative ? -rounded : rounded, exponent: -divisionPrecision }
}
