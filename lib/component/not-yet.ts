/** Components whose arguments are known and checked, so that configs with them can be written, and which do not run yet. */
import type { Value } from '../alloy/value.ts'
import type { Component } from './component.ts'
import { LogstreamError } from '../errors.ts'

/** A component that refuses to start; `instead` says what to use until then. */
export function notYet<O>(
  name: string,
  instead: string,
  exports: ReadonlyMap<string, Value> = new Map<string, Value>(),
): Component<O> {
  return {
    exports,
    start: () => {
      throw new LogstreamError('BAD_CONFIG', `${name} cannot run in this version: ${instead}`)
    },
  }
}
