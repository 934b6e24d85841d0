/** `logstream` without a command: lines from standard input through a config. */
import { LogstreamError } from '../errors.ts'
import { readArgs, type Args } from './args.ts'
import type { Command, Flags } from './command.ts'
import type { Io } from './io.ts'
import { configPath, SYSTEM_CONFIG } from './pipe-config.ts'
import { STABILITY_FLAG } from './stability.ts'
import { stopSignal } from './stop-signal.ts'

const FLAGS: Flags = {
  config: { short: 'c', value: 'FILE', takes: 'file', doc: 'the config' },
  source: { value: 'NAME', doc: 'which file source standard input replaces, if several' },
  'loki-url': { value: 'URL', doc: 'without a config: where to push, http://host:3100' },
  label: { value: 'N=V', multiple: true, doc: 'a label for every line; may be repeated' },
  tenant: { value: 'ID', doc: 'tenant for every line' },
  inspect: {
    doc: 'show what each stage does to each line, deliver nothing (see: logstream help explain)',
  },
  component: { value: 'NAME', doc: 'with --inspect: the loki.process to start at, if several' },
  'dry-run': { doc: 'print the entries instead of delivering them' },
  output: {
    value: 'FORMAT',
    takes: ['text', 'json'],
    doc: 'how entries are printed: text (default) or json',
  },
  'storage.path': {
    value: 'DIR',
    takes: 'folder',
    doc: 'spool and dead letters ($XDG_STATE_HOME/logstream, else ~/.local/state/logstream)',
  },
  'server.http.listen-addr': { value: 'ADDR', doc: 'also serve the page and /metrics there' },
  'stability.level': STABILITY_FLAG,
}

export const pipeCommand: Command = {
  usage: ['tail -f app.log | logstream [flags]'],
  about: `
Reads lines from standard input through a config: -c FILE, else $LOGSTREAM_CONFIG,
else ./logstream.alloy, else ${SYSTEM_CONFIG}. Standard input replaces the
config's loki.source.file and gets the labels of its target; other sources and
the HTTP server stay off. Without any config lines go to --loki-url (or $LOKI_URL;
both with or without the path of pushes), else they are printed.`,
  flags: FLAGS,
  notes: `
Exit status: 0 everything read was delivered, or dropped on purpose; 1 bad usage
or bad config; 3 some lines are in the spool or the dead letters; 4 some could not
be saved anywhere.`,
  run: async (args, io) => {
    const given = readArgs('pipe', args, FLAGS)
    if (given.words.length > 0)
      throw new LogstreamError('BAD_USAGE', `unexpected "${given.words[0]}". See: logstream --help`)
    if (io.stdin.isTTY === true)
      throw new LogstreamError(
        'BAD_USAGE',
        'standard input is a terminal: pipe lines in, or see: logstream --help',
      )
    if (given.flag('inspect')) return await inspect(given, io)
    if (given.text('component') !== undefined)
      throw new LogstreamError('BAD_USAGE', '--component goes with --inspect. See: logstream pipe --help')
    // Before the rest is loaded, which takes seconds on a busy machine: a signal that comes by then isn't deadly.
    const told = stopSignal(io, () => undefined)
    const { runPipe } = await import('./pipe-run.ts')
    return await runPipe(given, io, told)
  },
}

// `--inspect` is `logstream explain` on standard input.
async function inspect(given: Args, io: Io): Promise<number> {
  const path = configPath(given, io)
  if (path === undefined)
    throw new LogstreamError(
      'BAD_USAGE',
      'without a config there is nothing to inspect: name one with -c FILE',
    )
  const labels = given.texts('label').flatMap((label) => ['--label', label])
  const format = given.text('output') === 'json' ? ['--json'] : []
  const level = given.text('stability.level')
  const component = given.text('component')
  const { explainCommand } = await import('./explain.ts')
  return await explainCommand.run(
    [
      ...['-c', path, ...labels, ...format],
      ...(component === undefined ? [] : ['--component', component]),
      ...(level === undefined ? [] : ['--stability.level', level]),
      '-',
    ],
    io,
  )
}
