/** Makes the labels of samples: those that an aggregation groups by. */
import type { LabelPair } from '../../formats/label-text.ts'
import type { LabelBuilder } from '../stages/label-builder.ts'
import type { SampleGrouping } from '../syntax/hints.ts'
import { ERROR_DETAILS_LABEL } from '../syntax/label-names.ts'
import { NO_LABELS, type SeriesLabels, seriesLabels } from './series-labels.ts'

/** So many labels of samples are remembered by what the lines had. */
const MAX_KNOWN = 4096

/** Makes the labels of samples. */
export class Grouper {
  readonly #grouping: SampleGrouping
  readonly #known = new Map<string, SeriesLabels>()

  constructor(grouping: SampleGrouping) {
    this.#grouping = grouping
  }

  /** The labels of a sample. An error keeps all of them, so that it is seen. */
  group(labels: LabelBuilder): SeriesLabels {
    const { labels: names, without, noLabels } = this.#grouping
    if (labels.error === '') {
      if (noLabels) return NO_LABELS
      if (names.length > 0 && !without)
        return this.#remember(pickedKey(labels, names), () => picked(labels, names))
    }
    return this.#remember(labels.signature, () => this.#all(labels))
  }

  #all(labels: LabelBuilder): SeriesLabels {
    const { labels: names } = this.#grouping
    const pairs = [...new Map<string, string>(labels.pairs())]
    if (labels.error !== '' || names.length === 0) return seriesLabels(pairs)
    // What is left of an error that was dropped doesn't outlive a grouping.
    return seriesLabels(pairs.filter(([name]) => !names.includes(name) && name !== ERROR_DETAILS_LABEL))
  }

  #remember(key: string, make: () => SeriesLabels): SeriesLabels {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = make()
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, made)
    return made
  }
}

// Begins unlike a signature, which is of lengths and names.
function pickedKey(labels: LabelBuilder, names: readonly string[]): string {
  let key = '\0'
  for (const name of names) {
    const value = labels.get(name)
    key += value === undefined ? '-' : `${value.length}:${value}`
  }
  return key
}

function picked(labels: LabelBuilder, names: readonly string[]): SeriesLabels {
  const pairs: LabelPair[] = []
  for (const name of names) {
    const value = labels.get(name)
    if (value !== undefined) pairs.push([name, value])
  }
  return seriesLabels(pairs)
}
