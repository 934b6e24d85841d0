/** What is wrong with a JMESPath expression, and the two ways it ends. */

/** An expression that doesn't parse; `offset` counts UTF-16 units from 0. */
export class JmespathError extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'JmespathError'
    this.offset = offset
  }
}

/** Ends an evaluation: a function refuses its arguments, or go-jmespath would panic. */
export class EvaluationFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EvaluationFailure'
  }
}
