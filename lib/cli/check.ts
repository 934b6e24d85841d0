/** `logstream check`: what a config would make of a sample, before it is deployed. */
import { createReadStream, existsSync } from 'node:fs'
import { checkSample } from '../check/check.ts'
import { renderCheck } from '../check/render.ts'
import { LogstreamError } from '../errors.ts'
import { readConfig } from '../run/modules/config-files.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { annotate } from './annotate.ts'
import { readArgs } from './args.ts'
import { mayColour } from './colour.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { labelFlags } from './label-flags.ts'
import { STABILITY_FLAG, stabilityOf } from './stability.ts'

/** As for linters: 1 is a finding, so what kept the check from running needs another status. */
const STATUS = { fine: EXIT.ok, problems: 1, unusable: 2 } as const

const FLAGS: Flags = {
  sample: {
    value: 'FILE',
    takes: 'file',
    doc: 'lines as the application writes them; thousands are better than tens',
  },
  from: {
    value: 'NAME',
    doc: 'the source that the sample stands for, if there are several: its id, or the end of it',
  },
  label: {
    value: 'N=V',
    multiple: true,
    doc: 'a label of every line that the config gets from elsewhere (a container, the journal); may be repeated',
  },
  format: { value: 'FORMAT', takes: ['text', 'json'], doc: 'text (default) or json' },
  'logs-only': { doc: "leave out what isn't about logs, as run --logs-only does" },
  'stability.level': STABILITY_FLAG,
}

export const checkCommand: Command = {
  usage: ['logstream check --sample FILE [flags] [CONFIG]'],
  about: `
Runs the lines of FILE (-: standard input) through CONFIG (./logstream.alloy) as if a
source of it had read them, with the real stages, and sends nothing. Shows which
lines are not parsed, and where; what is dropped; how many streams, entries and
bytes Loki would get, in all and a day; which label explodes, because its values
grow with the lines; and what Loki would refuse under its default limits.`,
  flags: FLAGS,
  notes: `
Times: entries that get a time from stage.timestamp, stage.cri or stage.docker are
measured by it, the newest of them as if it came when it was written.

Exit status: 0 nothing is wrong, 1 a label explodes or entries would be refused, 2
bad usage, bad config, or the sample can't be read.`,
  words: 'file',
  run: async (args, io) => {
    try {
      return await check(args, io)
    } catch (error) {
      if (!(error instanceof LogstreamError)) throw error
      io.stderr.write(`logstream: ${error.message}\n`)
      return STATUS.unusable
    }
  },
}

async function check(args: readonly string[], io: Io): Promise<number> {
  const given = readArgs('check', args, FLAGS)
  const sample = given.text('sample')
  if (sample === undefined)
    throw new LogstreamError('BAD_USAGE', 'check needs --sample FILE. See: logstream check --help')
  if (given.words.length > 1)
    throw new LogstreamError('BAD_USAGE', `unexpected "${given.words[1]}". See: logstream check --help`)
  const format = given.text('format') ?? 'text'
  if (format !== 'text' && format !== 'json')
    throw new LogstreamError('BAD_USAGE', `--format takes text or json, found "${format}"`)
  const path = given.words[0] ?? 'logstream.alloy'
  if (given.words.length === 0 && !existsSync(path))
    throw new LogstreamError('BAD_USAGE', `expected a config, found no ${path}: name one after the flags`)
  if (sample !== '-' && !existsSync(sample))
    throw new LogstreamError('IO', `cannot read the sample: ${sample} does not exist`)
  const stability = stabilityOf(given.text('stability.level'))
  const report = await checkSample({
    config: () => readConfig(path),
    sample: sample === '-' ? io.stdin : createReadStream(sample),
    from: given.text('from'),
    labels: labelFlags(given),
    stability,
    stdlib: hostLibrary(io.env, stability),
    logsOnly: given.flag('logs-only'),
  })
  const name = sample === '-' ? 'standard input' : sample
  io.stdout.write(
    format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : renderCheck(report, name, mayColour(io)),
  )
  for (const message of report.problems)
    annotate({ severity: 'error', file: path, title: 'logstream check', message }, io)
  return report.problems.length === 0 ? STATUS.fine : STATUS.problems
}
