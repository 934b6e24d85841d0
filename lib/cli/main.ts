/** The table of commands, and what is the same for all of them: help, version, errors, exit status. */
import { nearest } from '../alloy/nearest.ts'
import { LogstreamError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { EXIT, type Command, type Io } from './io.ts'
import { demoCommand } from './demo.ts'
import { fmtCommand } from './fmt.ts'
import { generateCommand } from './generate.ts'
import { pipeCommand } from './pipe.ts'
import { runCommand } from './run.ts'
import { testCommand } from './test.ts'
import { validateCommand } from './validate.ts'

const commands: readonly Command[] = [
  pipeCommand,
  runCommand,
  validateCommand,
  fmtCommand,
  testCommand,
  generateCommand,
  demoCommand,
]

/** Runs a command line (without node and the script) and gives the exit status; never throws. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io)
  } catch (error) {
    const known = error instanceof LogstreamError
    io.stderr.write(
      `logstream: ${known ? error.message : `unexpected error: ${(error as Error).stack ?? String(error)}`}\n`,
    )
    return EXIT.usage
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first = '', ...rest] = args
  if (first === '' && io.stdin.isTTY === true) {
    io.stderr.write(usage())
    return EXIT.usage
  }
  if (first === '--version' || first === 'version') {
    io.stdout.write(`logstream ${VERSION}\n`)
    return EXIT.ok
  }
  const command = commands.find(({ name }) => name === first)
  if (command !== undefined) {
    if (rest.includes('--help') || rest.includes('-h')) {
      io.stdout.write(`${command.help.trim()}\n`)
      return EXIT.ok
    }
    return await command.run(rest, io)
  }
  if (first === '' || (first.startsWith('-') && first !== '--help' && first !== '-h'))
    return await pipeCommand.run(args, io)
  if (first === '--help' || first === '-h' || first === 'help') {
    io.stdout.write(usage())
    return EXIT.ok
  }
  const near = nearest(
    first,
    commands.map(({ name }) => name),
  )
  throw new LogstreamError(
    'BAD_USAGE',
    `there is no command "${first}".${near === undefined ? '' : ` Did you mean ${near}?`} See: logstream --help`,
  )
}

function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return `logstream ${VERSION}: a log pipeline for Loki that runs Grafana Alloy's config language

  tail -f app.log | logstream           read lines from standard input (see: logstream pipe --help)
  logstream run config.alloy            run as a service

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

logstream COMMAND --help tells more of each.
`
}
