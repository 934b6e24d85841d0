/** The syntax tree of LogQL. */

import type { RangeOperation } from '../metrics/range-functions.ts'
import type { VectorOperation } from '../metrics/vector-functions.ts'

/** Start and exclusive end, in UTF-16 units. */
export interface Range {
  readonly start: number
  readonly end: number
}

export type MatchOperator = '=' | '!=' | '=~' | '!~'

export interface LabelMatcher {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
}

export type LineFilterOperator = '|=' | '!=' | '|~' | '!~' | '|>' | '!>'

/** One text of a line filter, or the argument of its `ip()`. */
export interface LineOperand {
  readonly ip: boolean
  readonly text: string
}

/** `|= "a" or "b"`; a negated filter has one operand, since `!= "a" or "b"` is read as `!= "a" != "b"`. */
export interface LineFilter {
  readonly operator: LineFilterOperator
  readonly operands: readonly LineOperand[]
}

export type CompareOperator = '==' | '!=' | '>' | '>=' | '<' | '<='

export type LabelFilter =
  | { readonly kind: 'match'; readonly matcher: LabelMatcher }
  | {
      readonly kind: 'number'
      readonly name: string
      readonly operator: CompareOperator
      readonly value: number
    }
  /** The value is in nanoseconds. */
  | {
      readonly kind: 'duration'
      readonly name: string
      readonly operator: CompareOperator
      readonly value: number
    }
  | {
      readonly kind: 'bytes'
      readonly name: string
      readonly operator: CompareOperator
      readonly value: number
    }
  | { readonly kind: 'ip'; readonly name: string; readonly operator: '=' | '!='; readonly pattern: string }
  | { readonly kind: 'and'; readonly left: LabelFilter; readonly right: LabelFilter }
  | { readonly kind: 'or'; readonly left: LabelFilter; readonly right: LabelFilter }

/** `name="expression"` of a parser; `name` alone has itself for its expression. */
export interface Extraction {
  readonly name: string
  readonly expression: string
}

export type LabelFormat =
  | { readonly name: string; readonly kind: 'rename'; readonly from: string }
  | { readonly name: string; readonly kind: 'template'; readonly template: string }

/** A label to drop or keep: by its name, or by name and value. */
export type LabelChoice = string | LabelMatcher

export type StageExpression = Range &
  (
    | { readonly kind: 'line_filters'; readonly filters: readonly LineFilter[] }
    | { readonly kind: 'json'; readonly extractions: readonly Extraction[] }
    | {
        readonly kind: 'logfmt'
        readonly strict: boolean
        readonly keepEmpty: boolean
        readonly extractions: readonly Extraction[]
      }
    | { readonly kind: 'regexp' | 'pattern'; readonly pattern: string }
    | { readonly kind: 'unpack' | 'decolorize' }
    | { readonly kind: 'line_format'; readonly template: string }
    | { readonly kind: 'label_format'; readonly formats: readonly LabelFormat[] }
    | { readonly kind: 'label_filter'; readonly filter: LabelFilter }
    | { readonly kind: 'drop' | 'keep'; readonly choices: readonly LabelChoice[] }
  )

/** `{app="a"} | json`: a query for log lines. */
export interface LogExpression extends Range {
  readonly kind: 'log'
  readonly matchers: readonly LabelMatcher[]
  readonly stages: readonly StageExpression[]
}

export type Conversion = '' | 'bytes' | 'duration' | 'duration_seconds'

export interface Unwrap {
  readonly label: string
  readonly conversion: Conversion
  readonly filters: readonly LabelFilter[]
}

/** `{app="a"} | unwrap x [5m] offset 1m`; durations are in nanoseconds. */
export interface LogRange {
  readonly log: LogExpression
  readonly interval: number
  readonly offset: number
  readonly unwrap: Unwrap | undefined
}

export interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

export interface RangeAggregation extends Range {
  readonly kind: 'range'
  readonly operation: RangeOperation
  /** The quantile of quantile_over_time, undefined for the rest. */
  readonly parameter: number | undefined
  readonly range: LogRange
  readonly grouping: Grouping | undefined
}

export interface VectorAggregation extends Range {
  readonly kind: 'vector_aggregation'
  readonly operation: VectorOperation
  /** The number of topk and its kin, 0 for the rest. */
  readonly parameter: number
  /** Without `by` or `without` it is the grouping by no label. */
  readonly grouping: Grouping
  readonly inner: MetricExpression
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^'
export type SetOperator = 'and' | 'or' | 'unless'
export type BinaryOperator = ArithmeticOperator | CompareOperator | SetOperator

/** How the samples of two vectors find each other. */
export interface Matching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many'
  /** `on` rather than `ignoring`. */
  readonly on: boolean
  /** Undefined where neither was written, or no label with it. */
  readonly labels: readonly string[] | undefined
  /** The labels of group_left or group_right. */
  readonly include: readonly string[] | undefined
}

export interface BinaryOperation extends Range {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: MetricExpression
  readonly right: MetricExpression
  readonly bool: boolean
  readonly matching: Matching
}

export interface LabelReplace extends Range {
  readonly kind: 'label_replace'
  readonly inner: MetricExpression
  readonly target: string
  readonly replacement: string
  readonly source: string
  readonly pattern: string
}

/** A number, or `vector(number)`. */
export interface Literal extends Range {
  readonly kind: 'literal' | 'vector'
  readonly value: number
}

export type MetricExpression = RangeAggregation | VectorAggregation | BinaryOperation | LabelReplace | Literal

export type Expression = LogExpression | MetricExpression
