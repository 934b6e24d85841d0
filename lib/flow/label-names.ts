/**
 * The sorted names of a label set: one object for all sets with the same names, as hidden classes are for objects. So what
 * depends on the names alone is worked out once: with a label of many values, each of its sets is another one.
 */
import { escaped, quote } from '../go/strconv/quote.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'

/** Names that can follow are kept until there are so many: those of pushes may be anything. */
const MOST_KEPT = 1000

export class LabelNames {
  readonly list: readonly string[]
  /** Whether the key of a set is also its text: all names are shown, and need no quotes. */
  readonly keyIsText: boolean
  /** What stands before each value in a key: `{a="`, `", b="`. */
  readonly #pieces: readonly string[]
  #wider: Map<string, LabelNames> | undefined

  private constructor(list: readonly string[]) {
    this.list = list
    this.keyIsText = list.every((name) => validLegacyLabelName(name) && !name.startsWith('__'))
    this.#pieces = list.map((name, i) => `${i === 0 ? '{' : '", '}${shown(name)}="`)
  }

  static readonly NONE = new LabelNames([])

  /** These names and one more. */
  with(name: string): LabelNames {
    const known = this.#wider?.get(name)
    if (known !== undefined) return known
    const wider = new LabelNames(this.list.toSpliced(this.placeOf(name), 0, name))
    if (this.#wider === undefined || this.#wider.size >= MOST_KEPT) this.#wider = new Map()
    this.#wider.set(name, wider)
    return wider
  }

  /** Where a name that isn't in the list belongs. */
  placeOf(name: string): number {
    let place = 0
    while (place < this.list.length && this.list[place]! < name) place++
    return place
  }

  /** Forgets the names that follow these. */
  forget(): void {
    this.#wider = undefined
  }

  /**
   * The text of a set with these names, `{a="b", c="d"}`, in which other values make another text: all labels are in it, and
   * names that aren't plain are quoted. Joined, as a text made by `+=` stays in pieces: 600 bytes.
   */
  keyOf(values: readonly string[]): string {
    const parts: string[] = []
    for (let i = 0; i < values.length; i++) parts.push(this.#pieces[i]!, escaped(values[i]!))
    if (values.length > 0) parts.push('"}')
    return parts.join('')
  }
}

function shown(name: string): string {
  return validLegacyLabelName(name) ? name : quote(name)
}
