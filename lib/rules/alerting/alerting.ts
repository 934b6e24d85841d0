/** An alerting rule at work: samples become alerts. */
import type { Template } from '../../go/template/gotemplate.ts'
import type { RuleSample } from '../evaluate.ts'
import { sorted, type AlertingRule, type Labels } from '../rule.ts'
import type { FoundAlert } from './alert.ts'
import { AlertTable } from './alert-table.ts'
import { compileText, expand, type TemplateSubject } from './template.ts'
import type { TemplateWorld } from './template-functions.ts'

export interface AlertingSettings {
  readonly externalUrl: string
  readonly externalLabels: Labels
  /** The limit of the group. */
  readonly limit: number
}

type Templates = readonly (readonly [name: string, template: Template])[]

export class Alerting {
  readonly rule: AlertingRule
  readonly table = new AlertTable()
  readonly #settings: AlertingSettings
  readonly #world: TemplateWorld
  readonly #labels: Templates
  readonly #annotations: Templates

  constructor(rule: AlertingRule, settings: AlertingSettings) {
    this.rule = rule
    this.#settings = settings
    this.#world = { externalUrl: settings.externalUrl, now: 0 }
    this.#labels = this.#compiled(rule.labels)
    this.#annotations = this.#compiled(rule.annotations)
  }

  /** Takes in the samples of an evaluation at `at`. Throws as `AlertTable.update` does. */
  take(samples: readonly RuleSample[], at: number): void {
    this.#world.now = at
    const { forMs, keepFiringMs } = this.rule
    const found = samples.map((sample) => this.#alertOf(sample))
    this.table.update(found, at, { forMs, keepFiringMs, limit: this.#settings.limit })
  }

  #alertOf({ labels, value }: RuleSample): FoundAlert {
    const { externalUrl, externalLabels } = this.#settings
    const subject: TemplateSubject = { labels, value, externalUrl, externalLabels }
    const own = this.#labels.map(([name, template]) => [name, expand(template, subject)] as const)
    const all = { ...labels, ...Object.fromEntries(own), alertname: this.rule.name }
    return {
      // An empty label is none.
      labels: sorted(Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ''))),
      annotations: Object.fromEntries(
        this.#annotations.map(([name, template]) => [name, expand(template, subject)]),
      ),
      value,
    }
  }

  #compiled(texts: Labels): Templates {
    return Object.entries(texts).map(([name, text]) => [name, compileText(text, this.#world)] as const)
  }
}
