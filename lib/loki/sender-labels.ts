/** Labels of entries that cloud services push: what the service says, in `__` labels for the rules to see, becomes what Loki gets. */
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { dropped, type Outcome } from '../flow/outcome.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'
import { compileRules, type Relabel, type RelabelRule } from '../formats/relabel.ts'
import { TENANT_LABEL } from './batch.ts'

const BY_RULE = dropped('relabel_rule')

export interface SenderLabelOptions {
  readonly rules: readonly RelabelRule[] | undefined
  readonly labels: ReadonlyMap<string, string> | undefined
  /** Which of two equal names counts: that of `labels`, or what the rules made. */
  readonly winner: 'labels' | 'rules'
  /** `job` of entries that would have no label: Loki refuses those. */
  readonly job: string
}

export class SenderLabels {
  readonly #options: SenderLabelOptions
  readonly #relabel: Relabel | undefined

  /** Throws for rules that can't work. */
  constructor(options: SenderLabelOptions) {
    this.#options = options
    this.#relabel = options.rules === undefined ? undefined : compileRules(options.rules)
  }

  /** The labels of an entry, or how it ends where a rule drops it. A label that Loki wouldn't take is left out, as in Alloy. */
  of(found: Iterable<readonly [string, string]>): LabelSet | Outcome {
    const labels = new Map([...found].filter(([, value]) => value !== ''))
    if (this.#relabel?.(labels) === 'drop') return BY_RULE
    const { labels: own = [], winner, job } = this.#options
    const made = [...labels].filter(([name, value]) => value !== '' && isKept(name))
    const all = new Map(winner === 'labels' ? [...made, ...own] : [...own, ...made])
    if (all.size === (all.has(TENANT_LABEL) ? 1 : 0)) all.set('job', job)
    return labelSet(all)
  }
}

function isKept(name: string): boolean {
  return name === TENANT_LABEL || (!name.startsWith('__') && validLegacyLabelName(name))
}
