/** Warnings of a component about its options, at their places. */
import { warningAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import type { Range, Source } from '../../alloy/source.ts'
import type { ComponentDefinition } from '../../component/component.ts'
import { isPartial, placeOfOptions } from '../../component/origin.ts'

export function adviceOn(
  { advise }: ComponentDefinition,
  options: Readonly<Record<string, unknown>> | undefined,
  fallback: { readonly source: Source; readonly range: Range },
): Diagnostic[] {
  if (advise === undefined || options === undefined || isPartial(options)) return []
  return advise(options).map(({ options: of, option, message }) => {
    const { source, range } = placeOfOptions(of, option) ?? fallback
    return warningAt(source, range, message)
  })
}
