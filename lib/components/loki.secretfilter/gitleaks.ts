/** Rules from a file in the format of gitleaks (https://github.com/gitleaks/gitleaks#configuration). */
import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { LogstreamError, messageOf, reasonOf } from '../../errors.ts'
import { builtInRules } from './rules.ts'
import type { AllowlistSource, RuleSet, RuleSource } from './rule.ts'

/** A table of the file; gitleaks takes names in any case, so they are lower-case here. */
type Table = Readonly<Record<string, unknown>>

/** As gitleaks: a file that extends one that extends one. */
const MAX_DEPTH = 2

/**
 * The rules of a file, with those that it extends. What only makes sense for the files and commits of a repository
 * (`path`, `paths`, `commits`) is left out.
 *
 * @throws {LogstreamError} IO or BAD_CONFIG, naming the option `gitleaks_config`
 */
export function readGitleaks(path: string): RuleSet {
  const set = readFile(path, 0)
  return { ...set, rules: set.rules.filter(({ regex }) => regex !== '') }
}

function readFile(path: string, depth: number): RuleSet {
  const table = tableOf(path)
  const own: RuleSet = {
    rules: listAt(path, table, 'rules').flatMap((rule) => ruleOf(path, rule)),
    allowlists: globalAllowlists(path, table),
  }
  const extend = lowered(table['extend'])
  if (extend === undefined || depth >= MAX_DEPTH) return own
  const disabled = new Set(textsAt(path, extend, 'disabledrules'))
  const base = baseOf(extend, depth)
  return merged({ ...base, rules: base.rules.filter(({ id }) => !disabled.has(id)) }, own)
}

function baseOf(extend: Table, depth: number): RuleSet {
  if (extend['usedefault'] === true) return builtInRules
  const other = extend['path']
  return typeof other === 'string' && other !== ''
    ? readFile(other, depth + 1)
    : { rules: [], allowlists: [] }
}

// A rule of one id changes what it says, and adds its keywords and exceptions.
function merged(base: RuleSet, own: RuleSet): RuleSet {
  const rules = new Map(base.rules.map((rule) => [rule.id, rule]))
  for (const rule of own.rules) {
    const before = rules.get(rule.id)
    rules.set(rule.id, before === undefined ? rule : overridden(before, rule))
  }
  return { rules: [...rules.values()], allowlists: [...base.allowlists, ...own.allowlists] }
}

function overridden(before: RuleSource, rule: RuleSource): RuleSource {
  return {
    id: rule.id,
    regex: rule.regex || before.regex,
    secretGroup: rule.secretGroup || before.secretGroup,
    entropy: rule.entropy || before.entropy,
    keywords: [...before.keywords, ...rule.keywords],
    allowlists: [...before.allowlists, ...rule.allowlists],
  }
}

function tableOf(path: string): Table {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read "${path}": ${reasonOf(error)}`, {
      cause: error,
      option: 'gitleaks_config',
    })
  }
  try {
    return lowered(parse(text)) ?? {}
  } catch (error) {
    throw bad(path, messageOf(error), error)
  }
}

// A rule without a pattern adds to one that is extended; one for paths alone finds nothing in a line.
function ruleOf(path: string, rule: Table): RuleSource[] {
  const id = rule['id']
  if (typeof id !== 'string' || id === '') throw bad(path, 'a rule has no id')
  // Such a rule only serves others, which are then looked for without it: rather too much is hidden than too little.
  if (rule['skipreport'] === true) return []
  return [
    {
      id,
      regex: typeof rule['regex'] === 'string' ? rule['regex'] : '',
      secretGroup: numberAt(path, rule, 'secretgroup'),
      entropy: numberAt(path, rule, 'entropy'),
      keywords: textsAt(path, rule, 'keywords'),
      allowlists: allowlistsOf(path, rule).map(({ source }) => source),
    },
  ]
}

function globalAllowlists(path: string, table: Table): RuleSet['allowlists'] {
  return allowlistsOf(path, table).map(({ source, table: list }) => {
    const rules = textsAt(path, list, 'targetrules')
    return rules.length === 0 ? source : { ...source, rules }
  })
}

// `[allowlist]` is the older way to write one of `[[allowlists]]`.
function allowlistsOf(path: string, table: Table): { source: AllowlistSource; table: Table }[] {
  const old = lowered(table['allowlist'])
  const lists = [...listAt(path, table, 'allowlists'), ...(old === undefined ? [] : [old])]
  return lists.flatMap((list) => {
    const source = allowlistOf(path, list)
    return source === undefined ? [] : [{ source, table: list }]
  })
}

function allowlistOf(path: string, list: Table): AllowlistSource | undefined {
  const regexes = textsAt(path, list, 'regexes')
  const stopwords = textsAt(path, list, 'stopwords')
  const condition = textAt(list, 'condition').toUpperCase()
  if (!['', 'OR', '||', 'AND', '&&'].includes(condition))
    throw bad(path, `condition of an allowlist: expected "OR" or "AND", found "${condition}"`)
  const all = condition === 'AND' || condition === '&&'
  const elsewhere = textsAt(path, list, 'paths').length + textsAt(path, list, 'commits').length > 0
  // No line has a path or a commit, so a list that also asks for one never applies.
  if ((all && elsewhere) || regexes.length + stopwords.length === 0) return undefined
  const target = textAt(list, 'regextarget') || 'secret'
  if (target !== 'secret' && target !== 'match' && target !== 'line')
    throw bad(path, `regexTarget of an allowlist: expected "secret", "match" or "line", found "${target}"`)
  return { target, regexes, stopwords, all }
}

function lowered(value: unknown): Table | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toLowerCase(), each]))
}

function listAt(path: string, table: Table, key: string): Table[] {
  const value = table[key] ?? []
  if (!Array.isArray(value)) throw bad(path, `expected [[${key}]], found another value`)
  return value.map((each: unknown) => {
    const found = lowered(each)
    if (found === undefined) throw bad(path, `expected [[${key}]] to hold tables`)
    return found
  })
}

function textsAt(path: string, table: Table, key: string): readonly string[] {
  const value = table[key] ?? []
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw bad(path, `${key}: expected a list of texts`)
}

function textAt(table: Table, key: string): string {
  const value = table[key]
  return typeof value === 'string' ? value : ''
}

function numberAt(path: string, table: Table, key: string): number {
  const value = table[key] ?? 0
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  throw bad(path, `${key}: expected a number`)
}

function bad(path: string, message: string, cause?: unknown): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `"${path}": ${message}`, { cause, option: 'gitleaks_config' })
}
