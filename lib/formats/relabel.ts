/**
 * Relabelling rules of Prometheus (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config),
 * compiled once and run on plain maps: what `loki.relabel`, `discovery.relabel` and every `relabel_rules` share.
 */
import { createHash } from 'node:crypto'
import { LogstreamError } from '../errors.ts'
import { compileAnchored, type Regexp } from '../go/regexp/regexp.ts'
import { toLower, toUpper } from '../go/strings/letters.ts'
import { expand, parseTemplate, type Piece } from '../go/regexp/expand.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'

export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
] as const

export type RelabelAction = (typeof RELABEL_ACTIONS)[number]

/** One rule as it is written in a config. */
export interface RelabelRule {
  readonly source_labels: readonly string[] | undefined
  readonly separator: string
  readonly regex: string
  readonly modulus: number
  readonly target_label: string
  readonly replacement: string
  readonly action: string
}

export const RELABEL_DEFAULTS: RelabelRule = {
  source_labels: undefined,
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  target_label: '',
  replacement: '$1',
  action: 'replace',
}

export interface RelabelOptions {
  /**
   * Which names a `replace` may write to when its target holds references: `legacy` (letters, digits, underscore)
   * for everything of `loki.*`, `utf8` (any text) for `discovery.relabel`. With other targets nothing changes.
   */
  readonly names?: 'legacy' | 'utf8'
}

/** Changes the labels in place. `drop`: a rule said so, and the rest did not run. */
export type Relabel = (labels: Map<string, string>) => 'keep' | 'drop'

type Step = (labels: Map<string, string>) => boolean

// What Alloy takes as a name with references in it; unrolled, since its own pattern nests repeats.
const TEMPLATE_NAME = /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/

/**
 * Compiles rules. An absent label counts as "", and a label set to "" is removed.
 *
 * @throws {LogstreamError} BAD_ARGUMENT or BAD_REGEX for a rule that can't work, naming the option
 */
export function compileRules(rules: readonly RelabelRule[], options: RelabelOptions = {}): Relabel {
  const steps = rules.map((rule) => compileRule(rule, options.names ?? 'legacy'))
  return (labels) => {
    for (const step of steps) if (!step(labels)) return 'drop'
    return 'keep'
  }
}

function compileRule(rule: RelabelRule, names: 'legacy' | 'utf8'): Step {
  const regex = compileRegex(rule.regex)
  checkRule(rule)
  const target = rule.target_label
  const value = joiner(rule.source_labels ?? [], rule.separator)
  switch (rule.action as RelabelAction) {
    case 'replace':
      return replaceStep(rule, regex, names)
    case 'keep':
      return (labels) => regex.test(value(labels))
    case 'drop':
      return (labels) => !regex.test(value(labels))
    case 'keepequal':
      return (labels) => (labels.get(target) ?? '') === value(labels)
    case 'dropequal':
      return (labels) => (labels.get(target) ?? '') !== value(labels)
    case 'lowercase':
      return (labels) => put(labels, target, toLower(value(labels)))
    case 'uppercase':
      return (labels) => put(labels, target, toUpper(value(labels)))
    case 'hashmod':
      return (labels) => put(labels, target, hashModulo(value(labels), rule.modulus))
    case 'labelmap':
      return mapStep(regex, parseTemplate(rule.replacement, regex.groupNames))
    case 'labeldrop':
      return (labels) => removeNames(labels, (name) => regex.test(name))
    case 'labelkeep':
      return (labels) => removeNames(labels, (name) => !regex.test(name))
  }
}

function compileRegex(pattern: string): Regexp {
  try {
    return compileAnchored(pattern)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option: 'regex' })
  }
}

function joiner(names: readonly string[], separator: string): (labels: Map<string, string>) => string {
  const [only] = names
  if (only === undefined) return () => ''
  if (names.length === 1) return (labels) => labels.get(only) ?? ''
  return (labels) => {
    let text = labels.get(only) ?? ''
    for (let i = 1; i < names.length; i++) text += separator + (labels.get(names[i]!) ?? '')
    return text
  }
}

function replaceStep(rule: RelabelRule, regex: Regexp, names: 'legacy' | 'utf8'): Step {
  const value = joiner(rule.source_labels ?? [], rule.separator)
  const target = parseTemplate(rule.target_label, regex.groupNames)
  const replacement = parseTemplate(rule.replacement, regex.groupNames)
  const isName = (name: string): boolean => (names === 'utf8' ? name !== '' : validLegacyLabelName(name))
  return (labels) => {
    const match = regex.exec(value(labels))
    if (match === null) return true
    const name = expand(target, match.groups)
    return isName(name) ? put(labels, name, expand(replacement, match.groups)) : true
  }
}

function mapStep(regex: Regexp, replacement: readonly Piece[]): Step {
  return (labels) => {
    for (const [name, value] of [...labels]) {
      const match = regex.exec(name)
      if (match !== null) put(labels, expand(replacement, match.groups), value)
    }
    return true
  }
}

function put(labels: Map<string, string>, name: string, value: string): true {
  if (value === '') labels.delete(name)
  else labels.set(name, value)
  return true
}

function removeNames(labels: Map<string, string>, unwanted: (name: string) => boolean): true {
  for (const name of [...labels.keys()]) if (unwanted(name)) labels.delete(name)
  return true
}

// The last eight bytes of the MD5 sum, big-endian, as Prometheus takes them.
function hashModulo(text: string, modulus: number): string {
  const sum = createHash('md5').update(text).digest()
  return (sum.readBigUInt64BE(8) % BigInt(modulus)).toString()
}

const NEEDS_TARGET = new Set(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'])
const FIXED_REPLACEMENT = new Set(['lowercase', 'uppercase', 'keepequal', 'dropequal'])

/** The rules about rules that Alloy checks when it decodes a block. Throws BAD_ARGUMENT. */
function checkRule(rule: RelabelRule): void {
  const { action, target_label: target, replacement } = rule
  if (action === 'hashmod' && rule.modulus === 0)
    throw bad('modulus', 'action "hashmod" needs a modulus above 0')
  if (NEEDS_TARGET.has(action) && target === '')
    throw bad('target_label', `action "${action}" needs a target_label`)
  if (action === 'replace' && target.includes('$') && !TEMPLATE_NAME.test(target))
    throw bad('target_label', `"${target}" cannot become a label name: use letters, digits, _ and references`)
  if (action === 'labelmap' && !TEMPLATE_NAME.test(replacement))
    throw bad('replacement', `"${replacement}" cannot become a label name: use letters, digits, _ and $1`)
  if (FIXED_REPLACEMENT.has(action) && changed(rule, 'replacement'))
    throw bad('replacement', `action "${action}" takes no replacement: remove it`)
  if (action === 'labeldrop' || action === 'labelkeep')
    only(rule, ['regex'], ['source_labels', 'target_label', 'modulus', 'separator', 'replacement'])
  if (action === 'keepequal' || action === 'dropequal')
    only(rule, ['source_labels', 'target_label'], ['regex', 'modulus', 'separator'])
}

function only(rule: RelabelRule, taken: readonly string[], others: readonly (keyof RelabelRule)[]): void {
  const extra = others.find((name) => changed(rule, name))
  if (extra !== undefined)
    throw bad(extra, `action "${rule.action}" takes only ${taken.join(' and ')}: remove "${extra}"`)
}

function changed(rule: RelabelRule, name: keyof RelabelRule): boolean {
  return rule[name] !== RELABEL_DEFAULTS[name]
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', `relabel rule: ${message}`, { option })
}
