/** Finds the secrets in a line by many rules, and redacts them. */
import { createHash } from 'node:crypto'
import { keywordSearch } from './keywords.ts'
import { compileRule, type Rule, type RuleSet } from './rule.ts'

/** Secret to the id of the first rule that found it. */
export type Findings = ReadonlyMap<string, string>

export interface Detection {
  readonly findings: Findings
  /** Whether the time was over before every rule had its turn. */
  readonly timedOut: boolean
}

const NOTHING: Detection = { findings: new Map<string, string>(), timedOut: false }

/** When rules are compiled: all at once, or each when a line has one of its keywords for the first time. */
export type Compiling = 'at-once' | 'on-demand'

/**
 * Returns what searches a line; `overdue` is asked after each rule that had to search. The built-in rules take seconds of
 * CPU to compile, most of it for patterns that a pipeline never needs: hence on demand.
 *
 * @throws {LogstreamError} BAD_REGEX as `compileRule` does, on demand not before the line that needs the rule
 */
export function detector(
  set: RuleSet,
  compiling: Compiling = 'at-once',
): (line: string, overdue?: () => boolean) => Detection {
  const compiled: (Rule | undefined)[] = []
  const ruleAt = (i: number): Rule => (compiled[i] ??= compileRule(set.rules[i]!, set))
  if (compiling === 'at-once') for (const i of set.rules.keys()) ruleAt(i)
  const candidates = keywordSearch(set.rules.map(({ keywords }) => keywords))
  return (line, overdue) => {
    const searched = candidates(line)
    if (searched.length === 0) return NOTHING
    const findings = new Map<string, string>()
    for (let i = 0; i < searched.length; i++) {
      ruleAt(searched[i]!).find(line, findings)
      if (overdue?.() === true) return { findings, timedOut: true }
    }
    return { findings, timedOut: false }
  }
}

/** What replaces a secret. */
export type Redact = (secret: string, rule: string) => string

/** With a text the two names in it are replaced; without, `percent` (1 to 100) of the secret are hidden. */
export function redactor(text: string, percent: number): Redact {
  if (text === '') return percent >= 100 ? () => 'REDACTED' : (secret) => shortened(secret, percent)
  return (secret, rule) => {
    const named = text.replaceAll('$SECRET_NAME', () => rule)
    return named.includes('$SECRET_HASH')
      ? named.replaceAll('$SECRET_HASH', createHash('sha1').update(secret).digest('hex'))
      : named
  }
}

// Halves go to the even number, as gitleaks rounds.
function shortened(secret: string, percent: number): string {
  const exact = (secret.length * (100 - percent)) / 100
  const down = Math.floor(exact)
  const rest = exact - down
  const shown = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
  return `${secret.slice(0, shown)}...`
}

/** Replaces each occurrence of each secret; longer ones first, since a short one may be part of a long one. */
export function redactLine(line: string, findings: Findings, redact: Redact): string {
  let redacted = line
  const longestFirst = [...findings].sort(([a], [b]) => b.length - a.length)
  for (const [secret, rule] of longestFirst)
    redacted = redacted.replaceAll(secret, () => redact(secret, rule))
  return redacted
}
