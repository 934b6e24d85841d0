/** The table of commands, and what all of them share: help, version, errors, exit status. */
import { nearest } from '../alloy/nearest.ts'
import { LogstreamError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { withEarlySignals } from './early-signals.ts'
import { EXIT, type Command, type Io } from './io.ts'

/** A row of the table. The module of a command is loaded only when it is called, since loading costs time at every start. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
  /** A signal ends it in order, also one that comes while it is loaded. */
  readonly service?: true
}

const commands: readonly Entry[] = [
  {
    name: 'pipe',
    summary: 'read lines from standard input (also without a command)',
    load: async () => (await import('./pipe.ts')).pipeCommand,
  },
  {
    name: 'run',
    summary: 'run a config as a service',
    load: async () => (await import('./run.ts')).runCommand,
    service: true,
  },
  {
    name: 'validate',
    summary: 'check a config without running it',
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  {
    name: 'fmt',
    summary: 'write a config in its canonical form',
    load: async () => (await import('./fmt.ts')).fmtCommand,
  },
  {
    name: 'convert',
    summary: 'turn a Promtail config into one for this program',
    load: async () => (await import('./convert.ts')).convertCommand,
  },
  {
    name: 'test',
    summary: 'run pipeline unit tests',
    load: async () => (await import('./test.ts')).testCommand,
  },
  {
    name: 'check',
    summary: 'what a config would make of a sample, before it is deployed',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  {
    name: 'explain',
    summary: 'what each stage does to a line, and why',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'docs',
    summary: 'the reference of components and stages',
    load: async () => (await import('./docs.ts')).docsCommand,
  },
  {
    name: 'query',
    summary: 'ask Loki, or the store, for lines and metrics',
    load: async () => (await import('./query.ts')).queryCommand,
  },
  {
    name: 'store',
    summary: 'run the embedded store alone, as a small Loki',
    load: async () => (await import('./store.ts')).storeCommand,
    service: true,
  },
  {
    name: 'rules',
    summary: 'check alerting and recording rules, and run their unit tests',
    load: async () => (await import('./rules.ts')).rulesCommand,
  },
  {
    name: 'tap',
    summary: 'entries as they pass through a running service',
    load: async () => (await import('./tap.ts')).tapCommand,
  },
  {
    name: 'dlq',
    summary: 'entries that Loki refused: see them, send them again',
    load: async () => (await import('./dlq.ts')).dlqCommand,
  },
  {
    name: 'spool',
    summary: 'what waits on disk to be sent',
    load: async () => (await import('./spool.ts')).spoolCommand,
  },
  {
    name: 'generate',
    summary: 'write sample transaction lines',
    load: async () => (await import('./generate.ts')).generateCommand,
  },
  {
    name: 'demo',
    summary: 'the main job on sample lines, live on the terminal',
    load: async () => (await import('./demo/demo.ts')).demoCommand,
    service: true,
  },
]

/** Runs a command line (without node and the script). Resolves with the exit status; never throws. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  // A reader that goes away (`| head`) isn't an error; commands that keep writing check the stream themselves.
  io.stdout.on('error', () => undefined)
  try {
    return await dispatch(args, io)
  } catch (error) {
    const known = error instanceof LogstreamError
    io.stderr.write(
      `logstream: ${known ? error.message : `unexpected error: ${error instanceof Error ? io.stackOf(error) : String(error)}`}\n`,
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
  const entry = commands.find(({ name }) => name === first)
  if (entry !== undefined) {
    const listening = entry.service === true ? withEarlySignals(io) : io
    const command = await entry.load()
    if (rest.includes('--help') || rest.includes('-h')) {
      io.stdout.write(`${command.help.trim()}\n`)
      return EXIT.ok
    }
    return await command.run(rest, listening)
  }
  if (first === '' || (first.startsWith('-') && first !== '--help' && first !== '-h'))
    return await (await import('./pipe.ts')).pipeCommand.run(args, io)
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

For more on one: logstream COMMAND --help.
`
}
