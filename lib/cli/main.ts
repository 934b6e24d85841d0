/** What all commands share: help, version, colour, errors, exit status. */
import { nearest } from '../alloy/nearest.ts'
import { diskFailure } from '../disk/disk-failure.ts'
import { LogstreamError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { penFor, takeColour } from './colour.ts'
import type { CommandEntry } from './command.ts'
import { commands } from './commands.ts'
import { withEarlySignals } from './early-signals.ts'
import { helpText } from './help.ts'
import { EXIT, type Io } from './io.ts'
import { isReaderGone, outputFailure, watchOutput } from './output-failure.ts'

/** Runs a command line (without node and the script). Resolves with the exit status; never throws. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  watchOutput(io.stdout)
  let colouring = io
  let status: number = EXIT.ok
  const complain = (message: string): void => {
    io.stderr.write(`${penFor(colouring, 'stderr')('red', 'logstream:')} ${message}\n`)
    if (status === EXIT.ok) status = EXIT.usage
  }
  try {
    const { rest, colour } = takeColour(args)
    colouring = { ...io, colour }
    status = await dispatch(rest, colouring)
  } catch (error) {
    if (error instanceof LogstreamError) complain(error.message)
    else if (error !== outputFailure(io.stdout))
      complain(`unexpected error: ${error instanceof Error ? io.stackOf(error) : String(error)}`)
  }
  // The last write fails a turn later.
  await new Promise(setImmediate)
  const failure = outputFailure(io.stdout)
  if (failure !== undefined && !isReaderGone(failure))
    complain(`cannot write to standard output: ${diskFailure(failure)}`)
  return status
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first = '', ...rest] = args
  if (first === '' && io.stdin.isTTY === true) {
    io.stderr.write(overview())
    return EXIT.usage
  }
  if (first === '--version' || first === '-V' || first === 'version') {
    io.stdout.write(`logstream ${VERSION}\n`)
    return EXIT.ok
  }
  if (first === '--help' || first === '-h' || first === 'help') return await help(rest, io)
  const entry = commands.find(({ name }) => name === first)
  if (entry === undefined && first !== '' && !first.startsWith('-')) throw unknown(first)
  return entry === undefined ? await run(named('pipe'), args, io) : await run(entry, rest, io)
}

async function run(entry: CommandEntry, args: readonly string[], io: Io): Promise<number> {
  const listening = entry.service === true ? withEarlySignals(io) : io
  const command = await entry.load()
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  if (!flags.includes('--help') && !flags.includes('-h')) return await command.run(args, listening)
  io.stdout.write(helpText(command))
  return EXIT.ok
}

async function help(words: readonly string[], io: Io): Promise<number> {
  const [name] = words.filter((word) => !word.startsWith('-'))
  io.stdout.write(name === undefined || name === 'help' ? overview() : helpText(await named(name).load()))
  return EXIT.ok
}

function named(name: string): CommandEntry {
  const entry = commands.find((each) => each.name === name)
  if (entry === undefined) throw unknown(name)
  return entry
}

function unknown(name: string): LogstreamError {
  const near = nearest(name, [...commands.map((each) => each.name), 'help', 'version'])
  return new LogstreamError(
    'BAD_USAGE',
    `there is no command "${name}".${near === undefined ? '' : ` Did you mean ${near}?`} See: logstream --help`,
  )
}

function overview(): string {
  const rows = [...commands, { name: 'help', summary: 'the flags of a command: logstream help COMMAND' }]
  const width = Math.max(...rows.map(({ name }) => name.length))
  return `logstream ${VERSION}: a log pipeline for Loki that runs Grafana Alloy's config language

  tail -f app.log | logstream           read lines from standard input (see: logstream help pipe)
  logstream run config.alloy            run as a service

Commands:
${rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

  -V, --version  the version
      --color WHEN  auto (default), always or never; NO_COLOR and FORCE_COLOR are obeyed

More on a command: logstream help COMMAND. When something is wrong: logstream docs troubleshooting.
`
}
