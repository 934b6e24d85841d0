import { deepStrictEqual, strictEqual } from 'node:assert'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { LogstreamError } from '../../../../lib/errors.ts'
import { compile, compileAnchored } from '../../../../lib/go/regexp/regexp.ts'
import type { Regexp } from '../../../../lib/go/regexp/regexp.ts'
import { Fallback } from '../../../../lib/go/regexp/fallback.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'

const SEED = String.raw`^(?P<date>\S+)\|(?P<time_start>\S+)\|(?P<time_end>\S+)\|(?P<latency>\d+)\|(?P<method>\S+)\|(?P<detail>[^|]+)\|(?P<status>\S+)\|(?P<code>\d+)$`

interface Table {
  readonly matches: readonly { pattern: string; text: string; all: number[][]; split: string[] }[]
  readonly refused: readonly { pattern: string; reason: string; excerpt: string }[]
  readonly replaced: readonly { pattern: string; text: string; template: string; result: string }[]
}

const table = JSON.parse(readFileSync('fixtures/go/regexp.json', 'utf8')) as Table

function groupsOf(text: string, spans: readonly number[]): (string | undefined)[] {
  const groups = []
  for (let i = 0; i < spans.length; i += 2) {
    groups.push(spans[i]! < 0 ? undefined : text.slice(spans[i], spans[i + 1]))
  }
  return groups
}

/** A test's name has to be one line of plain text. */
function label(text: string): string {
  return JSON.stringify(text.slice(0, 100)).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16)}`,
  )
}

/** What one pattern finds in one text, in the shape of the table. */
function findings(regexp: Regexp, text: string): unknown {
  const match = regexp.exec(text)
  return {
    test: regexp.test(text),
    first: match && { groups: [...match.groups], span: [match.index, match.end] },
    all: regexp.findAllIndex(text),
    spans: regexp.findAll(text).map(({ index, end }) => [index, end]),
    split: regexp.split(text),
  }
}

void t.test('matches as Go recorded them', (t) => {
  for (const { pattern, text, all, split } of table.matches) {
    const regexp = compile(pattern)
    const first = all[0] ? { groups: groupsOf(text, all[0]), span: all[0].slice(0, 2) } : null
    const spans = all.map((groups) => groups.slice(0, 2))
    const wanted = { test: first !== null, first, all, spans, split }
    t.strictSame(findings(regexp, text), wanted, label(`${pattern} on ${text} by ${regexp.engine}`))
  }
  t.end()
})

void t.test('refuses what Go refuses, with its reason', (t) => {
  for (const { pattern, reason, excerpt } of table.refused) {
    t.match(parse(pattern), { reason, excerpt }, label(pattern))
    try {
      compile(pattern)
      t.fail(`accepted ${pattern}`)
    } catch (error) {
      t.ok(error instanceof LogstreamError && error.code === 'BAD_REGEX', label(pattern))
      t.ok(String(error).includes(reason) && String(error).includes(pattern), label(String(error)))
    }
  }
  t.throws(() => compile('ab(?=c)'), {
    message:
      'bad regular expression `ab(?=c)`: invalid or unsupported Perl syntax: `(?=` at offset 2; look-arounds, ' +
      'atomic groups and comments do not exist in RE2, and a named group is (?P<name>...)',
  })
  t.end()
})

void t.test('replaces as Go does', (t) => {
  for (const { pattern, text, template, result } of table.replaced) {
    t.equal(compile(pattern).replaceAll(text, template), result, label(`${pattern} ${template}`))
  }
  t.equal(compile('(a)').replaceAllLiteral('xax', '$1'), 'x$1x')
  t.equal(
    compile('[a-c]').replaceAllFunc('abx', (match) => `${match.groups[0]}${match.index}`),
    'a0b1x',
  )
  t.strictSame(compile(',').split('a,b,c', 2), ['a', 'b,c'])
  t.strictSame(compile(',').split('a,b', 0), [])
  t.equal(compile('a').findAll('aaa', 2).length, 2)
  t.end()
})

interface Case {
  readonly name: string
  readonly pipeline: string
  readonly input?: readonly { readonly line: string; readonly labels?: Record<string, string> }[]
  readonly expect?: { readonly entries: readonly { readonly labels?: Record<string, string> }[] }
  readonly expect_error?: boolean
}

void t.test('stage.regex of the recorded cases', (t) => {
  let checked = 0
  for (const file of ['regex-dialect', 'regex']) {
    const { tests } = JSON.parse(readFileSync(`fixtures/stages/${file}.json`, 'utf8')) as { tests: Case[] }
    for (const { name, pipeline, input, expect, expect_error: refused } of tests) {
      const found =
        /^stage\.regex \{\s*expression\s*=\s*(?:`([^`]*)`|("(?:\\.|[^"\\])+"))\s*\}(?:\s*stage\.labels \{|$)/.exec(
          pipeline,
        )
      if (found === null) continue
      const pattern = found[1] ?? (JSON.parse(found[2]!) as string)
      checked++
      if (refused) {
        t.throws(() => compile(pattern), { code: 'BAD_REGEX' }, name)
        continue
      }
      const regexp = compile(pattern)
      const wanted = [...pipeline.matchAll(/(\w+) += +""/g)].map((key) => key[1]!)
      for (const [i, { line, labels: before }] of input!.entries()) {
        const values = regexp.captureNamed(line)
        const labels = expect!.entries[i]!.labels ?? {}
        for (const key of wanted) {
          const value = values?.[regexp.names.indexOf(key)] ?? before?.[key] ?? ''
          t.equal(value, labels[key] ?? '', label(`${name}: ${key} of ${line}`))
        }
      }
    }
  }
  t.ok(checked > 100, `${checked} cases`)
  t.end()
})

void t.test('named captures', (t) => {
  const regexp = compile('(?P<a>x)(y)?(?P<b>z)?|(?P<a>w)')
  t.strictSame(regexp.names, ['a', 'b'])
  t.strictSame(regexp.groupNames, [undefined, 'a', undefined, 'b', 'a'])
  t.strictSame(regexp.captureNamed('xyz'), ['', 'z'], 'the last group of a name counts, even if it is empty')
  t.strictSame(regexp.captureNamed('w'), ['w', ''])
  t.equal(regexp.captureNamed('q'), null)
  t.equal(regexp.source, '(?P<a>x)(y)?(?P<b>z)?|(?P<a>w)')
  t.end()
})

void t.test('the pattern of a delimited line', (t) => {
  const regexp = compile(SEED)
  const line = '2025-12-26|21:45:32.123|21:45:32.423|300|CashIn|Transfer completed successfully|SUCCESS|200'
  t.equal(regexp.engine, 'cut')
  t.strictSame(regexp.captureNamed(line), line.split('|'))
  t.equal(regexp.captureNamed(line.replace('|300', '')), null, 'too few delimiters')
  t.equal(regexp.captureNamed(line.replace('300', '3x')), null, 'a field of the wrong class')
  t.equal(regexp.captureNamed(`${line}\n`), null)
  const more = regexp.captureNamed(line.replace('CashIn', 'Cash|In'))
  t.equal(more?.[4], 'Cash|In', 'more delimiters than the pattern: backtracking decides')
  const long = line.replace('2025', '2025|'.repeat(30))
  t.equal(regexp.captureNamed(long)?.[0], long.slice(0, long.indexOf('|21:45:32.123')), 'many more: re2js')
  t.end()
})

void t.test('anchored patterns', (t) => {
  t.ok(compileAnchored('a.b').test('a\nb'), 'dot matches a newline')
  t.notOk(compileAnchored('a.b', { dotAll: false }).test('a\nb'))
  t.notOk(compileAnchored('a|b').test('ab'), 'both ends hold for every branch')
  t.ok(compileAnchored('').test(''))
  t.equal(compileAnchored('(.+)/(.+)').replaceAll('a/b', '$1-$2'), 'a-b')
  t.throws(() => compileAnchored('a)(b'), { code: 'BAD_REGEX' })
  t.end()
})

void t.test('engines: common patterns stay on V8', (t) => {
  const fast = [
    String.raw`level=(\w+)`,
    String.raw`^(?P<ts>\S+) (?P<level>[A-Z]+) (?P<msg>.*)$`,
    String.raw`^(\S+) (\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+) ([^"]+)" (\d+) (\d+|-)$`,
    String.raw`\bstatus=(\d+)\b.*\bdur=([\d.]+(?:ms|s))`,
    String.raw`(\d+)\.(\d+)`,
    String.raw`\[([^\]]+)\]`,
    '(?i)error|warn(ing)?',
    String.raw`(\d{1,3}\.){3}\d{1,3}`,
  ]
  for (const pattern of fast) t.equal(compile(pattern).engine, 'v8', pattern)
  for (const pattern of ['(a+)+$', '(.*)*x', '(?:(a)|(b))*']) t.equal(compile(pattern).engine, 're2', pattern)
  t.end()
})

/** CPU milliseconds of the fastest of `runs`. */
function milliseconds(run: () => unknown, runs: number): number {
  let best = Infinity
  for (let i = 0; i < runs; i++) {
    const start = process.cpuUsage()
    run()
    const used = process.cpuUsage(start)
    best = Math.min(best, (used.user + used.system) / 1000)
  }
  return best
}

void t.test('hostile lines take linear time', (t) => {
  const patterns = [
    '(a+)+$',
    String.raw`(\w+\s?){1,50}$`,
    '(.*)*x',
    String.raw`^(\S+)\s(\S+)\s(\S+)\s(\S+)\s(\S+)$`,
    '(a|a)*b',
    'a*a*a*a*b',
    String.raw`\s+$`,
    '.*.*=.*',
    String.raw`\S+\S+\S+x`,
    '.*a.*b.*c.*d',
    String.raw`\d+x`,
    String.raw`\[([^\]]+)\]`,
    String.raw`\bstatus=(\d+)\b.*\bdur=([\d.]+(?:ms|s))`,
    SEED,
    '^(.*?):(.*):(.*)x$',
    String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`,
    String.raw`(?i)\p{L}+\s\p{L}+x`,
  ]
  const pieces = ['a', '1', ' ', '|', '[', ':', 'a|', 'status=1 ', '\\"', ' a', 'é', '😀', '[a1= ']
  for (const pattern of patterns) {
    const regexp = compile(pattern)
    const line = (piece: string, length: number): string =>
      `${piece.repeat(Math.ceil(length / piece.length))}!`
    for (const piece of pieces) {
      // Both are past the budget of the backtracking matcher (a line of 5,000 may still be within it, and is then
      // cheaper than its length says). Twice the length costs twice the time, and four times if it were quadratic.
      const short = line(piece, 10_000)
      const long = line(piece, 20_000)
      const measure = (runs: number): [number, number] => [
        milliseconds(() => regexp.captureNamed(short) ?? regexp.test(short), runs),
        milliseconds(() => regexp.captureNamed(long) ?? regexp.test(long), runs),
      ]
      const isLinear = ([first, second]: [number, number]): boolean => second <= Math.max(first * 3, 20)
      let took = measure(2)
      // A busy machine stretches one run or another; a matcher that isn't linear fails every time.
      for (let again = 0; again < 4 && !isLinear(took); again++) took = measure(5)
      const said = `${pattern} on ${label(piece)}: ${took.join(' -> ')} ms`
      t.ok(took[0] < 500, said)
      t.ok(isLinear(took), said)
    }
  }
  t.end()
})

void t.test('a text that is too long for V8 is searched all the same', (t) => {
  const text = `${'é😀'.repeat(400_000)}x`
  t.equal(compile('^(?:é|😀)*x$').exec(text)?.end, text.length)
  t.equal(compile('^(.)*x$').exec(text)?.groups[1], '😀')
  t.end()
})

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '\\w',
  '\\S',
  '\\s',
  '[^|]',
  '\\|',
  ' ',
  '😀',
  '\\d',
  '^',
  '$',
  '\\b',
  '\\B',
)
const quantifier = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}?')
const expression = fc.letrec<{ node: string; item: string }>((tie) => ({
  item: fc.oneof(
    { weight: 3, arbitrary: atom },
    tie('node').map((node) => `(${node})`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
  ),
  node: fc
    .array(fc.tuple(tie('item'), quantifier), { minLength: 1, maxLength: 4, depthIdentifier: 'node' })
    .map((items) => items.map(([item, times]) => item + times).join('')),
})).node
const texts = fc
  .array(fc.constantFrom('a', 'b', '1', '|', ' ', 'é', '😀', '\n'), { maxLength: 12 })
  .map((s) => s.join(''))

function viaFallback(pattern: string): Fallback {
  const parsed = parse(pattern)
  if ('reason' in parsed) throw new Error(parsed.reason)
  return new Fallback(parsed.tree, parsed.groupNames.length - 1)
}

void t.test('V8 and re2js agree on any pattern', (t) => {
  const property = fc.property(expression, texts, (pattern, text) => {
    const regexp: Regexp = compile(pattern)
    const spans = viaFallback(pattern).spans(text, 0)
    const match = regexp.exec(text)
    deepStrictEqual(match && [...match.groups], spans && groupsOf(text, spans))
    strictEqual(regexp.test(text), spans !== null)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 200 }))
  t.end()
})
