/** Prints what a line of the transactions job costs with each engine that can run its pattern. */
import { compile } from '../lib/go/regexp/regexp.ts'
import { Fallback } from '../lib/go/regexp/fallback.ts'
import { parse } from '../lib/go/regexp/parse.ts'

const PATTERN =
  '^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)' +
  '\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$'
const LINES = 20_000
const ROUNDS = 5

/** Lines cut from one text, as a tailer cuts them from a chunk. */
function makeLines(bad: boolean): string[] {
  const methods = ['CashIn', 'CashOut', 'Transfer', 'Payment']
  let text = ''
  for (let i = 0; i < LINES; i++) {
    const code = bad ? 'none' : String(200 + (i % 7))
    const time = `21:45:${10 + (i % 50)}`
    text += `2025-12-26|${time}.123|${time}.423|${i % 900}|${methods[i % 4]}|Transfer completed successfully|SUCCESS|${code}\n`
  }
  const lines: string[] = []
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end))
    start = end + 1
  }
  return lines
}

function measure(name: string, lines: readonly string[], run: (line: string) => unknown): void {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage()
    for (const line of lines) run(line)
    const used = process.cpuUsage(start)
    best = Math.min(best, ((used.user + used.system) * 1000) / lines.length)
  }
  process.stdout.write(`${name.padEnd(44)} ${best.toFixed(0).padStart(7)} ns/line\n`)
}

const good = makeLines(false)
const bad = makeLines(true)
const regexp = compile(PATTERN)
const expression = parse(PATTERN)
if ('reason' in expression) throw new Error(expression.reason)
const fallback = new Fallback(expression.tree, expression.groupNames.length - 1)
const naive = new RegExp(PATTERN.replaceAll('?P<', '?<'))

measure(`captureNamed (${regexp.engine})`, good, (line) => regexp.captureNamed(line))
measure(`test (${regexp.engine})`, good, (line) => regexp.test(line))
measure(`captureNamed (${regexp.engine}), lines that do not match`, bad, (line) => regexp.captureNamed(line))
measure('V8, the pattern as written', good, (line) => naive.exec(line))
measure('V8, as written, lines that do not match', bad, (line) => naive.exec(line))
measure('re2js', good, (line) => fallback.exec(line, 0))
measure('re2js, test', good, (line) => fallback.test(line))
measure('re2js, lines that do not match', bad, (line) => fallback.exec(line, 0))
