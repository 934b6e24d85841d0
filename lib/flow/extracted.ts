/**
 * The values that the stages of one `loki.process` have extracted from an entry. It starts as a view of the
 * entry's labels and grows by layers, so that a regex with eight groups costs one object and no map.
 */
import { formatFloat } from '../go/strconv/number.ts'
import { EMPTY_LABELS as EMPTY, type LabelSet } from './labels.ts'

/** As in Alloy: strings, JSON numbers and bools, and null (a JSON null or a path that leads nowhere). */
export type ExtractedValue = string | number | boolean | null

/** The value as a string: numbers without an exponent, as in Alloy; `undefined` for nil. */
export function textOf(value: ExtractedValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return undefined
  return typeof value === 'number' ? formatFloat(value) : String(value)
}

/** The names that a stage always writes together, shared by all its entries. */
export interface Shape {
  readonly names: readonly string[]
  readonly index: ReadonlyMap<string, number>
}

/** The shape of the given distinct names. */
export function shapeOf(names: readonly string[]): Shape {
  return { names, index: new Map(names.map((name, i) => [name, i])) }
}

/** Stands for a value that an earlier layer may have, and that there is no more. */
export const DELETED = Symbol('deleted')

/** Values by name that lie somewhere else until they are asked for. They must not change. */
export interface ValueSource {
  /** `undefined`: the name isn't known here. */
  get(name: string): ExtractedValue | typeof DELETED | undefined
  names(): Iterable<string>
}

interface Layer {
  readonly below: Layer | undefined
  /** `undefined`: this layer does not know the name. */
  get(name: string): ExtractedValue | typeof DELETED | undefined
  names(): Iterable<string>
}

class RowLayer implements Layer {
  readonly below: Layer | undefined
  readonly #shape: Shape
  readonly #values: readonly ExtractedValue[]

  constructor(below: Layer | undefined, shape: Shape, values: readonly ExtractedValue[]) {
    this.below = below
    this.#shape = shape
    this.#values = values
  }

  get(name: string): ExtractedValue | undefined {
    const at = this.#shape.index.get(name)
    return at === undefined ? undefined : this.#values[at]
  }

  names(): Iterable<string> {
    return this.#shape.names
  }
}

class LabelLayer implements Layer {
  readonly below: Layer | undefined
  readonly #labels: LabelSet

  constructor(below: Layer | undefined, labels: LabelSet) {
    this.below = below
    this.#labels = labels
  }

  get(name: string): string | undefined {
    return this.#labels.get(name)
  }

  names(): Iterable<string> {
    return this.#labels.names
  }
}

class SourceLayer implements Layer {
  readonly below: Layer | undefined
  readonly #source: ValueSource

  constructor(below: Layer | undefined, source: ValueSource) {
    this.below = below
    this.#source = source
  }

  get(name: string): ExtractedValue | typeof DELETED | undefined {
    return this.#source.get(name)
  }

  names(): Iterable<string> {
    return this.#source.names()
  }
}

class MapLayer implements Layer {
  readonly below: Layer | undefined
  readonly values = new Map<string, ExtractedValue | typeof DELETED>()

  constructor(below: Layer | undefined) {
    this.below = below
  }

  get(name: string): ExtractedValue | typeof DELETED | undefined {
    return this.values.get(name)
  }

  names(): Iterable<string> {
    return this.values.keys()
  }
}

/** The extracted values of one entry. Writing adds a layer; nothing that was read before changes. */
export class Extracted {
  #top: Layer

  /** Alloy fills the map with all labels of the entry when it comes in. */
  constructor(labels: LabelSet) {
    this.#top = new LabelLayer(undefined, labels)
  }

  /** The value; `null` for nil, `undefined` when absent. */
  get(name: string): ExtractedValue | undefined {
    for (let layer: Layer | undefined = this.#top; layer !== undefined; layer = layer.below) {
      const value = layer.get(name)
      if (value !== undefined) return value === DELETED ? undefined : value
    }
    return undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  set(name: string, value: ExtractedValue): void {
    this.#writable().values.set(name, value)
  }

  delete(name: string): void {
    this.#writable().values.set(name, DELETED)
  }

  /** Writes all names of a shape at once; `values` is kept, not copied, and must not change afterwards. */
  setRow(shape: Shape, values: readonly ExtractedValue[]): void {
    this.#top = new RowLayer(this.#top, shape, values)
  }

  /** Writes all values of a source at once; each is read when it is asked for. */
  setSource(source: ValueSource): void {
    this.#top = new SourceLayer(this.#top, source)
  }

  /** Writes all labels over values of the same name, as Alloy does where the stages of a match begin. */
  setLabels(labels: LabelSet): void {
    this.#top = new LabelLayer(this.#top, labels)
  }

  /** All values, sorted by name. */
  toMap(): Map<string, ExtractedValue> {
    const names = new Set<string>()
    for (let layer: Layer | undefined = this.#top; layer !== undefined; layer = layer.below)
      for (const name of layer.names()) names.add(name)
    const values = new Map<string, ExtractedValue>()
    for (const name of [...names].sort()) {
      const value = this.get(name)
      if (value !== undefined) values.set(name, value)
    }
    return values
  }

  /** A copy that further stages can write to on their own. The layers so far are shared. */
  clone(): Extracted {
    const copy = new Extracted(EMPTY)
    // Both sides may only add layers from here on, so a map on top is sealed under a fresh one; an empty one is
    // fresh already, or an entry split into a thousand would pile up a thousand layers.
    const fresh = this.#top instanceof MapLayer && this.#top.values.size === 0
    if (!fresh) this.#top = new MapLayer(this.#top)
    copy.#top = new MapLayer(this.#top.below)
    return copy
  }

  #writable(): MapLayer {
    if (this.#top instanceof MapLayer) return this.#top
    const layer = new MapLayer(this.#top)
    this.#top = layer
    return layer
  }
}
