/** `logstream validate`: finds what loading a config would find, without running it. */
import { LogstreamError } from '../errors.ts'
import { plural } from '../formats/plural.ts'
import { diskFiles, readConfig } from '../run/modules/config-files.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { readArgs } from './args.ts'
import { logsOnlyHint } from './logs-only-hint.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import type { Command, Flags } from './command.ts'
import { EXIT } from './io.ts'
import { showDiagnostics } from './show-diagnostics.ts'
import { STABILITY_FLAG, stabilityOf } from './stability.ts'

const FLAGS: Flags = {
  alloy: {
    doc: 'refuse what only logstream has: loki.source.stdin, loki.source.tcp, loki.store, grpc:// URLs, spool',
  },
  'logs-only': { doc: "leave out what isn't about logs, as run --logs-only does" },
  'stability.level': STABILITY_FLAG,
}

export const validateCommand: Command = {
  usage: ['logstream validate [--alloy] [--logs-only] [--stability.level LEVEL] CONFIG'],
  about: `
Loads CONFIG (a file, or a folder of *.alloy files) as run would and reports
everything wrong with it at once, each with file:line:column. Components and stages
are built, so regexes, selectors, templates and formats are checked too; nothing is
started or written. Whatever the config gets from other machines (import.http,
import.git, remote.http) is fetched. Where no Kubernetes cluster can be reached, what
remote.kubernetes.* would read is left out of the check, with a note.`,
  flags: FLAGS,
  notes: 'Exit status: 0 the config is good, 1 it has errors or warnings.',
  words: 'file',
  run: async (args, io) => {
    const given = readArgs('validate', args, FLAGS)
    const [path] = given.words
    if (path === undefined || given.words.length > 1)
      throw new LogstreamError('BAD_USAGE', 'validate needs one CONFIG. See: logstream validate --help')
    const stability = stabilityOf(given.text('stability.level'))
    const supervisor = new Supervisor({
      config: () => readConfig(path),
      files: diskFiles,
      log: SILENT,
      metrics: Metrics.create(),
      stability,
      stdlib: hostLibrary(io.env, stability),
      storagePath: undefined,
      logsOnly: given.flag('logs-only'),
    })
    const diagnostics = await supervisor.check({ alloyOnly: given.flag('alloy') })
    showDiagnostics(diagnostics, io)
    const problems = diagnostics.filter(({ expected }) => expected !== true).length
    if (problems === 0) {
      // A person wants to see that something happened; a script has the exit status.
      if (io.stderr.isTTY === true) io.stderr.write(`${path}: no problems\n`)
      return EXIT.ok
    }
    io.stderr.write(`${path}: ${plural(problems, 'problem')}\n`)
    io.stderr.write(await logsOnlyHint(supervisor, diagnostics))
    return EXIT.usage
  },
}
