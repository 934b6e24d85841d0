/** `loki.secretfilter`: finds secrets in log lines by rules and redacts them. */
import {
  defineComponent,
  RECEIVER,
  type Component,
  type Context,
  type Receiver,
  type Stage,
} from '../../component/component.ts'
import type { Entry } from '../../flow/entry.ts'
import { LogstreamError } from '../../errors.ts'
import {
  capsule,
  duration,
  flag,
  float,
  list,
  optional,
  required,
  text,
  unsigned,
} from '../../component/fields.ts'
import type { OptionsOf } from '../../component/fields.ts'
import { dropped } from '../../flow/outcome.ts'
import { oneStage } from '../../component/stage-stream.ts'
import { detector, redactLine, redactor, type Detection, type Findings } from './detect.ts'
import { readGitleaks } from './gitleaks.ts'
import { FilterMetrics } from './metrics.ts'
import { builtInRules } from './rules.ts'

const TIMED_OUT = dropped('secretfilter_timeout')
const TIMED_OUT_LABEL = ['secretfilter', 'timed-out'] as const
const DEFAULT_PERCENT = 80

const fields = {
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the entries.'),
  origin_label: optional(text, '', 'Label by whose value hidden secrets are counted; "": none.'),
  redact_with: optional(
    text,
    '',
    'What replaces a secret; may hold $SECRET_NAME (the rule) and $SECRET_HASH (SHA-1).',
  ),
  redact_percent: optional(
    unsigned,
    DEFAULT_PERCENT,
    'Without redact_with: how much of a secret to hide, 1 to 100.',
  ),
  gitleaks_config: optional(text, '', 'File with rules in the format of gitleaks; "": the built-in ones.'),
  rate: optional(float, 1, 'Share of the entries that is searched, 0 to 1; the others pass as they are.'),
  processing_timeout: optional(duration, 0, 'Longest time for one line; 0s: no limit.'),
  drop_on_timeout: optional(flag, false, 'Drops a line that takes longer, instead of passing it on.'),
  label_timed_out: optional(
    flag,
    false,
    `Adds the label ${TIMED_OUT_LABEL.join('=')} to a line that takes longer.`,
  ),
}

type FilterArguments = OptionsOf<typeof fields>

/** Only lines are searched: not labels, not structured metadata. */
export const lokiSecretfilter = defineComponent({
  name: 'loki.secretfilter',
  summary: 'Finds secrets in log lines and hides them.',
  fields,
  stability: 'public-preview',
  exports: { receiver: 'Takes entries to be searched.' },
  create: (options, ctx) => createFilter(options, ctx, Math.random),
})

/** Builds the component; `random` (0 to 1) chooses the entries that are searched when `rate` is below 1. */
export function createFilter(
  options: FilterArguments,
  ctx: Context,
  random: () => number,
): Component<FilterArguments> {
  const stage = new FilterStage(options, ctx, random)
  const stream = oneStage('loki.secretfilter', stage, ctx)
  return {
    input: stream,
    output: stream,
    update: (changed) => {
      stage.use(changed)
      return true
    },
  }
}

class FilterStage implements Stage {
  readonly #ctx: Context
  readonly #random: () => number
  readonly #metrics: FilterMetrics
  #options: FilterArguments
  #detect: (line: string, overdue?: () => boolean) => Detection
  #redact: (secret: string, rule: string) => string
  #deadline = 0
  readonly #overdue = (): boolean => this.#ctx.clock.now() > this.#deadline

  constructor(options: FilterArguments, ctx: Context, random: () => number) {
    this.#ctx = ctx
    this.#random = random
    this.#metrics = new FilterMetrics(ctx.metrics)
    this.#options = options
    this.#detect = detectorFor(options)
    this.#redact = redactorFor(options)
  }

  use(options: FilterArguments): void {
    this.#detect = detectorFor(options)
    this.#redact = redactorFor(options)
    this.#options = options
  }

  run(entries: Entry[]): Entry[] {
    const began = performance.now()
    const { rate } = this.#options
    let kept = 0
    let searched = 0
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      if (rate < 1 && this.#random() >= rate) {
        this.#metrics.bypassed.value++
        entries[kept++] = entry
        continue
      }
      searched++
      if (this.#filter(entry)) entries[kept++] = entry
      else entry.ack.settle(TIMED_OUT)
    }
    entries.length = kept
    this.#metrics.took((performance.now() - began) / 1000, searched)
    return entries
  }

  // Returns whether the entry passes.
  #filter(entry: Entry): boolean {
    const { processing_timeout: timeout, drop_on_timeout: drops, label_timed_out: labels } = this.#options
    if (timeout > 0) this.#deadline = this.#ctx.clock.now() + timeout
    const { findings, timedOut } = this.#detect(entry.line, timeout > 0 ? this.#overdue : undefined)
    if (timedOut) {
      this.#metrics.timedOut.value++
      if (drops) {
        this.#metrics.dropped.value++
        return false
      }
      if (labels) entry.labels = entry.labels.with(...TIMED_OUT_LABEL)
    }
    if (findings.size > 0) this.#hide(entry, findings)
    return true
  }

  #hide(entry: Entry, findings: Findings): void {
    entry.line = redactLine(entry.line, findings, this.#redact)
    const { origin_label: label } = this.#options
    const origin = label === '' ? '' : (entry.labels.get(label) ?? '')
    for (const rule of findings.values()) this.#metrics.redacted(rule, origin)
  }
}

function detectorFor(options: FilterArguments): (line: string, overdue?: () => boolean) => Detection {
  const { rate, gitleaks_config: path, processing_timeout: timeout } = options
  if (!(rate >= 0 && rate <= 1))
    throw new LogstreamError('BAD_ARGUMENT', `rate is a share: expected 0 to 1, found ${rate}`, {
      option: 'rate',
    })
  try {
    if (path !== '') return detector(readGitleaks(path))
    // With a time limit, no line may pay for the compiling of a rule.
    return detector(builtInRules, timeout > 0 ? 'at-once' : 'on-demand')
  } catch (error) {
    if (!(error instanceof LogstreamError) || error.option !== undefined) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option: 'gitleaks_config' })
  }
}

// As Alloy, which takes any other number for the default.
function redactorFor({
  redact_with: by,
  redact_percent: percent,
}: FilterArguments): (secret: string, rule: string) => string {
  return redactor(by, percent >= 1 && percent <= 100 ? percent : DEFAULT_PERCENT)
}
