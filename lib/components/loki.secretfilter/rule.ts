/** A rule for one kind of secret, as data and compiled, and its allowlists. */
import { LogstreamError } from '../../errors.ts'
import { compile, type Regexp } from '../../go/regexp/regexp.ts'

/** When a find is not a secret, in the terms of the gitleaks format. */
export interface AllowlistSource {
  /** What the patterns look at: the secret, the whole match, the line. */
  readonly target: 'secret' | 'match' | 'line'
  readonly regexes: readonly string[]
  /** Words that no secret contains, in any case. */
  readonly stopwords: readonly string[]
  /** Whether both a pattern and a stop word must match, not just one of them. */
  readonly all: boolean
}

export interface RuleSource {
  readonly id: string
  /** Go syntax. The secret is `secretGroup`, else the first group that matched, else the whole match. */
  readonly regex: string
  readonly secretGroup: number
  /** A secret must have more bits per character than this; 0: any. */
  readonly entropy: number
  /** Only lines that contain one of these, in any case, are searched; without any, all lines. */
  readonly keywords: readonly string[]
  readonly allowlists: readonly AllowlistSource[]
}

export interface RuleSet {
  readonly rules: readonly RuleSource[]
  /** For all rules, or (`rules`) for those with the ids. */
  readonly allowlists: readonly (AllowlistSource & { readonly rules?: readonly string[] })[]
}

/** Whether a find is allowed. */
type Allows = (secret: string, match: string, line: string) => boolean

export interface Rule {
  /** Adds the secrets of a line. */
  readonly find: (line: string, found: Map<string, string>) => void
}

/** Throws BAD_REGEX, naming the rule, for a pattern that cannot be compiled. */
export function compileRule(source: RuleSource, set: RuleSet): Rule {
  const { id, entropy, secretGroup } = source
  const regex = compiled(id, source.regex)
  const general = set.allowlists.filter(({ rules }) => rules === undefined || rules.includes(id))
  const allowlists = [...source.allowlists, ...general].map((each) => compileAllowlist(id, each))
  return {
    find: (line, found) => {
      for (const { groups } of regex.findAll(line)) {
        const match = groups[0]!
        const secret = secretIn(groups, secretGroup)
        if (secret === undefined || secret === '' || found.has(secret)) continue
        if (entropy !== 0 && entropyOf(secret) <= entropy) continue
        if (!allowlists.some((allows) => allows(secret, match, line))) found.set(secret, id)
      }
    },
  }
}

function secretIn(groups: readonly (string | undefined)[], wanted: number): string | undefined {
  if (wanted > 0) return groups[wanted]
  for (let i = 1; i < groups.length; i++) if (groups[i] !== undefined && groups[i] !== '') return groups[i]
  return groups[0]
}

function compileAllowlist(id: string, source: AllowlistSource): Allows {
  const regexes = source.regexes.map((pattern) => compiled(id, pattern))
  const stopwords = source.stopwords.map((word) => word.toLowerCase())
  const { target, all } = source
  return (secret, match, line) => {
    const text = target === 'secret' ? secret : target === 'match' ? match : line
    const byRegex = regexes.some((regex) => regex.test(text))
    const lower = stopwords.length === 0 ? '' : secret.toLowerCase()
    const byWord = stopwords.some((word) => lower.includes(word))
    if (!all) return byRegex || byWord
    return (byRegex || regexes.length === 0) && (byWord || stopwords.length === 0)
  }
}

function compiled(id: string, pattern: string): Regexp {
  try {
    return compile(pattern)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, `rule "${id}": ${error.message}`, { cause: error })
  }
}

/** Shannon entropy in bits per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let length = 0
  for (const count of counts.values()) length += count
  let bits = 0
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length)
  return bits
}
