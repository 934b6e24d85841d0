/** `logstream fmt`: a config in its canonical form. */
import { parseFile } from '../alloy/parser.ts'
import { printFile } from '../alloy/printer.ts'
import { writeAtomic } from '../disk/atomic.ts'
import { LogstreamError } from '../errors.ts'
import { annotate } from './annotate.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { readFileOrStdin } from './read-file.ts'
import { showDiagnostics } from './show-diagnostics.ts'

const FLAGS: Flags = {
  write: { short: 'w', doc: 'write back to FILE instead' },
  test: { short: 't', doc: 'write nothing, exit 1 when FILE is not in canonical form' },
}

export const fmtCommand: Command = {
  usage: ['logstream fmt [--write | --test] [FILE]'],
  about: `
Writes the config in its canonical form to standard output. FILE may be "-" or
left out: standard input.`,
  flags: FLAGS,
  notes: 'Exit status: 0 done, 1 the config has errors, or --test found a difference.',
  words: 'file',
  run: async (args, io) => {
    const given = readArgs('fmt', args, FLAGS)
    const [file = '-'] = given.words
    if (given.words.length > 1)
      throw new LogstreamError('BAD_USAGE', 'fmt takes one file. See: logstream fmt --help')
    if (given.flag('write') && given.flag('test'))
      throw new LogstreamError('BAD_USAGE', 'use either --write or --test, not both')
    if (given.flag('write') && file === '-')
      throw new LogstreamError('BAD_USAGE', '--write needs a FILE: standard input cannot be written to')
    return await format(file, await readFileOrStdin(file, io), given, io)
  },
}

async function format(
  name: string,
  text: string,
  flags: { flag(name: string): boolean },
  io: Io,
): Promise<number> {
  const { file, diagnostics } = parseFile({ name: name === '-' ? '<stdin>' : name, text })
  if (diagnostics.length > 0) {
    showDiagnostics(diagnostics, io)
    return EXIT.usage
  }
  const formatted = printFile(file)
  if (flags.flag('test')) {
    if (formatted === text) return EXIT.ok
    const message = `${name} is not formatted: run logstream fmt --write ${name}`
    io.stderr.write(`${message}\n`)
    annotate(
      { severity: 'error', file: name, line: firstChange(text, formatted), title: 'format', message },
      io,
    )
    return EXIT.usage
  }
  if (!flags.flag('write')) io.stdout.write(formatted)
  else if (formatted !== text) await writeAtomic(name, formatted)
  return EXIT.ok
}

/** The first line that formatting changes. */
function firstChange(text: string, formatted: string): number {
  const wanted = formatted.split('\n')
  return text.split('\n').findIndex((line, i) => line !== wanted[i]) + 1
}
