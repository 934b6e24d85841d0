/** `logstream convert`: turns a Promtail config into an Alloy config. */
import { writeFileSync } from 'node:fs'
import type { Source } from '../alloy/source.ts'
import { convertPromtail, type Conversion } from '../convert/promtail/convert.ts'
import { printFinding, shownFindings, type Finding } from '../convert/promtail/findings.ts'
import { LogstreamError, reasonOf } from '../errors.ts'
import { PLAIN, type Pen } from '../formats/pen.ts'
import { readArgs, type Args } from './args.ts'
import { penFor } from './colour.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { readFileOrStdin } from './read-file.ts'

const FLAGS: Flags = {
  'source-format': {
    short: 'f',
    value: 'FORMAT',
    takes: ['promtail'],
    doc: 'what FILE is: promtail (required)',
  },
  output: { short: 'o', value: 'FILE', takes: 'file', doc: 'write the config to FILE' },
  report: { short: 'r', value: 'FILE', takes: 'file', doc: 'write all findings to FILE' },
  'bypass-errors': { short: 'b', doc: 'convert what can be, leave out the rest' },
  'extra-args': { short: 'e', value: 'ARGS', doc: 'not supported for this format' },
}

export const convertCommand: Command = {
  usage: ['logstream convert --source-format=promtail [options] [FILE]'],
  about: `
Writes an Alloy config that does what the Promtail config does, to standard output.
Without FILE, or with "-", it reads standard input. Standard error lists, with
file:line:column, what can't be converted and what will behave differently.`,
  flags: FLAGS,
  notes: 'Exit status: 0 when converted; 1 after a critical finding, or an error without -b.',
  words: 'file',
  run: async (args, io) => {
    const given = readArgs('convert', args, FLAGS)
    const [file = '-'] = given.words
    checkUsage(given)
    const text = await readFileOrStdin(file, io)
    return convert({ name: file === '-' ? '<stdin>' : file, text }, given, io)
  },
}

function checkUsage(given: Args): void {
  const format = given.text('source-format')
  const usage = (message: string) =>
    new LogstreamError('BAD_USAGE', `${message}. See: logstream convert --help`)
  if (given.words.length > 1) throw usage('convert takes one file')
  if (format === undefined) throw usage('convert needs --source-format=promtail')
  if (format === 'alloy')
    throw usage('an Alloy config needs no conversion: check it with logstream validate --logs-only FILE')
  if (format !== 'promtail')
    throw usage(
      `--source-format must be promtail, found "${format}"; for Vector and Fluent Bit there is a guide: logstream docs migrating-from-vector`,
    )
}

function convert(source: Source, given: Args, io: Io): number {
  const { text, findings } = conversionOf(source, given.text('extra-args') ?? '')
  const bypass = given.flag('bypass-errors')
  const shown = shownFindings(findings, bypass)
  const failed = shown.some(({ severity }) => severity === 'critical' || (severity === 'error' && !bypass))
  const lines = (pen: Pen): string => shown.map((finding) => `${printFinding(finding, pen)}\n`).join('')
  const report = given.text('report')
  if (report !== undefined) write(report, `${lines(PLAIN)}\n${verdict(shown, failed)}\n`)
  io.stderr.write(lines(penFor(io, 'stderr')))
  if (failed) {
    io.stderr.write(`${verdict(shown, failed)}\n`)
    return EXIT.usage
  }
  const output = given.text('output')
  if (output === undefined) io.stdout.write(text)
  else write(output, text)
  return EXIT.ok
}

function conversionOf(source: Source, extraArgs: string): Conversion {
  if (extraArgs.trim() === '') return convertPromtail(source)
  const message = `a promtail config takes no extra arguments, found "${extraArgs}"`
  return { text: '', findings: [{ severity: 'critical', message, source, range: undefined }] }
}

function verdict(shown: readonly Finding[], failed: boolean): string {
  if (!failed) return 'A config was written.'
  const critical = shown.some(({ severity }) => severity === 'critical')
  return critical
    ? 'No config was written: resolve the critical findings first.'
    : 'No config was written. --bypass-errors writes it without the parts that have errors.'
}

function write(file: string, text: string): void {
  try {
    // Configs hold passwords: only the owner may read a new file.
    writeFileSync(file, text, { mode: 0o600 })
  } catch (error) {
    throw new LogstreamError('IO', `cannot write ${file}: ${reasonOf(error)}`, { cause: error })
  }
}
