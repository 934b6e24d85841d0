/** `logstream validate`: finds what loading a config would find, without running it. */
import { printDiagnostic } from '../alloy/diagnostic.ts'
import { LogstreamError } from '../errors.ts'
import type { Stability } from '../component/component.ts'
import { diskFiles, readConfig } from '../run/modules/config-files.ts'
import { Supervisor } from '../run/supervise/supervisor.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { readArgs } from './args.ts'
import { logsOnlyHint } from './logs-only-hint.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { EXIT, type Command } from './io.ts'

const LEVELS: readonly Stability[] = ['generally-available', 'public-preview', 'experimental']

/** The level that `--stability.level` names. Throws BAD_USAGE. */
export function stabilityOf(text: string | undefined): Stability {
  const level = (text ?? 'generally-available') as Stability
  if (LEVELS.includes(level)) return level
  throw new LogstreamError(
    'BAD_USAGE',
    `--stability.level must be one of ${LEVELS.join(', ')}, found "${text}"`,
  )
}

export const validateCommand: Command = {
  help: `
Usage: logstream validate [--alloy] [--logs-only] [--stability.level LEVEL] CONFIG

Loads CONFIG (a file, or a folder of *.alloy files) as run would and reports
everything wrong with it at once, each with file:line:column. Components and stages
are built, so regexes, selectors, templates and formats are checked too; nothing is
started or written. Whatever the config gets from other machines (import.http,
import.git, remote.http) is fetched.

  --alloy                   refuse what only logstream has: loki.source.stdin,
                            loki.source.tcp, loki.store, grpc:// URLs, spool
  --logs-only               leave out what isn't about logs, as run --logs-only does
  --stability.level LEVEL   generally-available (default), public-preview or
                            experimental

Exit status: 0 the config is good, 1 it has errors or warnings.
`,
  run: async (args, io) => {
    const given = readArgs('validate', args, {
      alloy: { type: 'boolean' },
      'logs-only': { type: 'boolean' },
      'stability.level': { type: 'string' },
    })
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
    for (const diagnostic of diagnostics) io.stderr.write(`${printDiagnostic(diagnostic)}\n\n`)
    const problems = diagnostics.filter(({ expected }) => expected !== true).length
    if (problems === 0) return EXIT.ok
    io.stderr.write(`${path}: ${problems} ${problems === 1 ? 'problem' : 'problems'}\n`)
    io.stderr.write(await logsOnlyHint(supervisor, diagnostics))
    return EXIT.usage
  },
}
