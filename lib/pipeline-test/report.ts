/** Results of pipeline unit tests for people and for programs: default text, TAP, JSON and JUnit. */

/** How one case went. */
export interface CaseReport {
  readonly file: string
  readonly name: string
  /** Empty: it passed. */
  readonly differences: readonly string[]
  /** Its expectation was rewritten. */
  readonly recorded: boolean
  readonly ms: number
}

/** Turns reports into text: each as it comes, and a summary at the end. */
export interface Reporter {
  /** Whether the text is for programs, so that nothing else may stand between. */
  readonly machine: boolean
  one(report: CaseReport, number: number): string
  end(reports: readonly CaseReport[]): string
}

export type ReporterName = 'default' | 'tap' | 'json' | 'junit'

const TAP_HEAD = 'TAP version 14\n'

/** A reporter by name. `verbose`: the default one also names what passed. */
export function reporterOf(name: ReporterName, verbose: boolean): Reporter {
  switch (name) {
    case 'default':
      return { machine: false, one: (report) => plain(report, verbose), end: () => '' }
    case 'tap':
      return {
        machine: true,
        one: tap,
        end: ({ length }) => `${length === 0 ? TAP_HEAD : ''}1..${length}\n`,
      }
    case 'json':
      return { machine: true, one: () => '', end: json }
    case 'junit':
      return { machine: true, one: () => '', end: junit }
  }
}

/** `N passed, N failed`. */
export function summary(reports: readonly CaseReport[]): string {
  const failed = reports.filter(isFailed).length
  return `${reports.length - failed} passed, ${failed} failed`
}

export function isFailed({ differences }: CaseReport): boolean {
  return differences.length > 0
}

function plain({ file, name, differences, recorded }: CaseReport, verbose: boolean): string {
  if (differences.length > 0)
    return `FAILED    ${file}: ${visible(name)}\n${differences.map((line) => `          ${visible(line)}\n`).join('')}`
  if (recorded) return `recorded  ${file}: ${visible(name)}\n`
  return verbose ? `ok        ${file}: ${visible(name)}\n` : ''
}

// Log content goes to a terminal: it must not move the cursor or change colours.
function visible(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

// https://testanything.org/tap-version-14-specification.html: `#` and `\` in a description are escaped.
function tap({ file, name, differences, ms }: CaseReport, number: number): string {
  const description = `${file}: ${name}`.replace(/[\\#]/g, '\\$&').replace(/[\r\n]+/g, ' ')
  const head = number === 1 ? TAP_HEAD : ''
  const ok = differences.length === 0
  const line = `${head}${ok ? 'ok' : 'not ok'} ${number} - ${description} # time=${ms}ms\n`
  if (ok) return line
  const body = differences.flatMap((each) => each.split('\n')).map((each) => `    ${each}\n`)
  return `${line}  ---\n  message: |2\n${body.join('')}  ...\n`
}

function json(reports: readonly CaseReport[]): string {
  const failed = reports.filter(isFailed).length
  const tests = reports.map(({ file, name, differences, recorded, ms }) => ({
    file,
    name,
    passed: differences.length === 0,
    ...(recorded ? { recorded } : {}),
    ...(differences.length > 0 ? { differences } : {}),
    ms,
  }))
  return `${JSON.stringify({ passed: reports.length - failed, failed, tests }, null, 2)}\n`
}

// The dialect that CI servers read: testsuites, one testsuite a file, failure with the text.
function junit(reports: readonly CaseReport[]): string {
  const files = [...new Set(reports.map(({ file }) => file))]
  const suites = files.map((file) => {
    const own = reports.filter((report) => report.file === file)
    const cases = own.map(junitCase).join('')
    return `  <testsuite ${counts(file, own)}>\n${cases}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts('logstream test', reports)}>\n${suites.join('')}</testsuites>\n`
}

function counts(name: string, reports: readonly CaseReport[]): string {
  const failures = reports.filter(isFailed).length
  const time = reports.reduce((sum, { ms }) => sum + ms, 0)
  return `name="${xml(name)}" tests="${reports.length}" failures="${failures}" errors="0" time="${seconds(time)}"`
}

function junitCase({ file, name, differences, ms }: CaseReport): string {
  const head = `    <testcase classname="${xml(file)}" name="${xml(name)}" time="${seconds(ms)}"`
  if (differences.length === 0) return `${head}/>\n`
  const [first = ''] = differences
  return `${head}>\n      <failure message="${xml(first.trim())}">${xml(differences.join('\n'))}</failure>\n    </testcase>\n`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

// XML 1.0 has no control characters, not even escaped, and no lone surrogates.
function xml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
}
