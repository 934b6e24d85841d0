/** `logstream dlq`: the dead letters, which are entries that Loki refused for good: see them, and send them again. */
import { LogstreamError, messageOf } from '../errors.ts'
import { lettersIn, lettersUnder, type FiledLetter, type LettersReport } from '../delivery/inspect.ts'
import { decodeInput } from '../component/decode.ts'
import { lokiWrite } from '../components/loki.write/loki-write.ts'
import { noteAllReplayed, replayLetters } from '../components/loki.write/replay-letters.ts'
import { plural } from '../formats/plural.ts'
import { readArgs, type Args } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { pushUrl } from './push-url.ts'
import { elsewhere, storagePath } from './storage-path.ts'

const FLAGS: Flags = {
  'storage.path': {
    value: 'DIR',
    takes: 'folder',
    doc: 'where to look (data-logstream, else the folder of pipes, $XDG_STATE_HOME/logstream)',
  },
  'loki-url': {
    value: 'URL',
    doc: 'where to replay to ($LOKI_URL): http://host:3100, with user:password@ if need be. Tenants are as they were',
  },
  now: {
    doc: 'replay with the present time, for letters that were too old; the original one goes to structured metadata',
  },
  all: { doc: 'also those that were replayed before' },
}

export const dlqCommand: Command = {
  usage: ['logstream dlq list | show | replay [flags] [COMPONENT]'],
  about: `
  list     how many dead letters there are, by component and reason
  show     the letters as they are, one JSON object a line
  replay   sends those that were not replayed yet to --loki-url; files stay, and
           what they say was replayed can be deleted

COMPONENT (loki.write.default) narrows it down.`,
  flags: FLAGS,
  notes: `
Exit status: 0 done, 1 bad usage or files that cannot be read, 3 some were refused
again, 4 some could not be sent.`,
  words: ['list', 'show', 'replay'],
  run: async (args, io) => {
    const given = readArgs('dlq', args, FLAGS)
    const [action, component] = given.words
    if (given.words.length > 2)
      throw new LogstreamError('BAD_USAGE', 'dlq takes one COMPONENT. See: logstream dlq --help')
    const storage = given.text('storage.path')
    const root = storagePath(storage, io)
    const reports = (await lettersUnder(root)).filter(
      (each) => component === undefined || each.component === component,
    )
    try {
      if (action === 'list') return await list(reports, `${root}${elsewhere(storage)}`, io)
      if (action === 'show') return await show(reports, given, io)
      if (action === 'replay') return await replay(reports, given, io)
    } catch (error) {
      throw error instanceof LogstreamError
        ? error
        : new LogstreamError('IO', messageOf(error), { cause: error })
    }
    throw new LogstreamError('BAD_USAGE', 'dlq takes list, show or replay. See: logstream dlq --help')
  },
}

async function list(reports: readonly LettersReport[], where: string, io: Io): Promise<number> {
  if (reports.length === 0) io.stdout.write(`there are no dead letters under ${where}\n`)
  for (const report of reports) {
    const reasons = new Map<string, number>()
    let letters = 0
    let replayed = 0
    for await (const each of lettersOf([report])) {
      letters++
      if (each.replayed) replayed++
      const reason = `${each.letter.status} ${each.letter.reason.slice(0, 80)}`
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    io.stdout.write(
      `${report.component}: ${plural(letters, 'dead letter')}, ${replayed} replayed, in ${report.folder}\n`,
    )
    const most = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 10)
    for (const [reason, count] of most) io.stdout.write(`  ${String(count).padStart(7)}  ${reason}\n`)
  }
  return EXIT.ok
}

async function show(reports: readonly LettersReport[], given: Args, io: Io): Promise<number> {
  for await (const { letter, replayed } of lettersOf(reports))
    if (!replayed || given.flag('all')) io.stdout.write(`${JSON.stringify(letter)}\n`)
  return EXIT.ok
}

async function replay(reports: readonly LettersReport[], given: Args, io: Io): Promise<number> {
  const url = given.text('loki-url') ?? (io.env['LOKI_URL'] || undefined)
  if (url === undefined)
    throw new LogstreamError('BAD_USAGE', 'replay needs --loki-url, or LOKI_URL in the environment')
  const letters: FiledLetter[] = []
  for await (const each of lettersOf(reports)) if (!each.replayed || given.flag('all')) letters.push(each)
  const endpoint = { url: pushUrl(url), batch_wait: '100ms' }
  const result = await replayLetters(
    letters.map(({ letter }) => letter),
    {
      write: decodeInput('loki.write', lokiWrite.fields, { endpoint: [endpoint] }),
      now: given.flag('now'),
      log: (line) => void io.stderr.write(`${line}\n`),
    },
  )
  if (result.unsent === 0) await noteAllReplayed(letters)
  io.stdout.write(
    `${result.delivered} delivered, ${result.refused} refused again, ${result.unsent} could not be sent\n`,
  )
  return result.unsent > 0 ? EXIT.lost : result.refused > 0 ? EXIT.undelivered : EXIT.ok
}

async function* lettersOf(reports: readonly LettersReport[]): AsyncGenerator<FiledLetter> {
  for (const { files } of reports) for (const file of files) yield* lettersIn(file)
}
