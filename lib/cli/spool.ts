/** `logstream spool`: what waits on disk to be sent, and whether it can be read. */
import { LogstreamError } from '../errors.ts'
import { spoolsUnder, type SpoolReport } from '../delivery/inspect.ts'
import { plural } from '../formats/plural.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT } from './io.ts'
import { elsewhere, storagePath } from './storage-path.ts'

const FLAGS: Flags = {
  'storage.path': {
    value: 'DIR',
    takes: 'folder',
    doc: 'where to look (data-logstream, else the folder of pipes, $XDG_STATE_HOME/logstream)',
  },
  json: { doc: 'one JSON object for each destination' },
}

export const spoolCommand: Command = {
  usage: ['logstream spool list | verify [flags]'],
  about: `
  list     what waits in spools to be sent, and to where
  verify   also reads every record and checks its sum

Nothing is changed; a service that uses the spool may be running.`,
  flags: FLAGS,
  notes: 'Exit status: 0 all of it can be read, 1 bad usage, 4 something is damaged.',
  words: ['list', 'verify'],
  run: async (args, io) => {
    const given = readArgs('spool', args, FLAGS)
    const [action = ''] = given.words
    if (given.words.length !== 1 || (action !== 'list' && action !== 'verify'))
      throw new LogstreamError('BAD_USAGE', 'spool takes list or verify. See: logstream spool --help')
    const root = storagePath(given.text('storage.path'), io)
    const reports = await spoolsUnder(root, action === 'verify')
    if (given.flag('json')) for (const each of reports) io.stdout.write(`${JSON.stringify(each)}\n`)
    else if (reports.length === 0)
      io.stdout.write(`nothing waits in a spool under ${root}${elsewhere(given.text('storage.path'))}\n`)
    else for (const each of reports) io.stdout.write(textOf(each, action === 'verify'))
    return reports.some(({ files }) => files.some(({ fault }) => fault !== '')) ? EXIT.lost : EXIT.ok
  },
}

function textOf({ component, destination, files }: SpoolReport, verified: boolean): string {
  const entries = files.reduce((sum, each) => sum + each.entries, 0)
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0)
  const oldest = Math.min(...files.map((each) => each.oldest ?? Number.POSITIVE_INFINITY))
  const since = Number.isFinite(oldest) ? `, oldest of ${new Date(oldest).toISOString()}` : ''
  const head = `${component} to ${destination}: ${plural(entries, 'entry', 'entries')} in ${plural(files.length, 'file')}, ${plural(bytes, 'byte')}${since}\n`
  const lines = files
    .filter(({ fault }) => verified || fault !== '')
    .map(({ path, entries: of, fault, lost }) =>
      fault === ''
        ? `  ${path}: ${plural(of, 'entry', 'entries')}, ok\n`
        : `  ${path}: ${plural(of, 'entry', 'entries')}, ${fault}; ${plural(lost, 'entry', 'entries')} lost\n`,
    )
  return head + lines.join('')
}
