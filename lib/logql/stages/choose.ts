/** `| drop a, b="x"` and `| keep a, b=~"x.*"`: stages that take labels away. */
import type { LabelChoice } from '../syntax/ast.ts'
import type { LabelBuilder } from './label-builder.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL, PRESERVE_ERROR_LABEL } from '../syntax/label-names.ts'
import { type ValueTest, compileMatcher } from './selector.ts'
import type { Stage } from './stage.ts'

interface Choice {
  readonly name: string
  /** Undefined where the name is enough. */
  readonly test: ValueTest | undefined
}

function compileChoices(choices: readonly LabelChoice[], offset?: number): Choice[] {
  return choices.map((choice) =>
    typeof choice === 'string'
      ? { name: choice, test: undefined }
      : { name: choice.name, test: compileMatcher(choice, offset) },
  )
}

function drop(labels: LabelBuilder, { name, test }: Choice): void {
  if (name === ERROR_LABEL) {
    if (test === undefined || test(labels.error)) labels.error = ''
  } else if (name === ERROR_DETAILS_LABEL) {
    if (test === undefined || test(labels.errorDetails)) labels.errorDetails = ''
  } else {
    const value = labels.get(name)
    if (test === undefined ? value !== undefined : test(value ?? '')) labels.delete(name)
  }
}

/** Errors are dropped by name as well. @throws {LogqlError} for a bad regular expression */
export function dropStage(choices: readonly LabelChoice[], offset?: number): Stage {
  const compiled = compileChoices(choices, offset)
  return {
    names: [],
    process({ labels }) {
      for (const choice of compiled) drop(labels, choice)
      return true
    },
  }
}

function isSpecial(name: string): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL || name === PRESERVE_ERROR_LABEL
}

/** Errors are never taken away. @throws {LogqlError} for a bad regular expression */
export function keepStage(choices: readonly LabelChoice[], offset?: number): Stage {
  const compiled = compileChoices(choices, offset)
  return {
    names: [],
    process({ labels }) {
      for (const [name, value] of [...labels.pairs()]) {
        if (isSpecial(name)) continue
        if (!compiled.some((choice) => choice.name === name && (choice.test?.(value) ?? true)))
          labels.delete(name)
      }
      return true
    },
  }
}
