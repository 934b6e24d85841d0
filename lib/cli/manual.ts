/** The manual page, logstream(1), made of the table of commands and their flags. */
import { loadCommands, type LoadedCommand } from './completion/loaded.ts'
import type { CommandEntry, Flag } from './command.ts'
import { flagGroups } from './help.ts'

/** The page as roff, for `man -l`. */
export async function manualPage(entries: readonly CommandEntry[], version: string): Promise<string> {
  const commands = await loadCommands(entries)
  return `${[
    `.TH LOGSTREAM 1 "" "logstream ${version}" "User Commands"`,
    '.SH NAME',
    'logstream \\- a log pipeline for Loki that runs the log half of Grafana Alloy\\(aqs config language',
    '.SH SYNOPSIS',
    '.nf',
    ...commands.flatMap(({ command }) => command.usage.map((line) => roff(line))),
    '.fi',
    '.SH DESCRIPTION',
    ...paragraphs(DESCRIPTION),
    '.SH OPTIONS',
    ...flagEntry('help', { short: 'h', doc: 'Show the flags of a command, as logstream help COMMAND does.' }),
    ...flagEntry('version', { short: 'V', doc: 'Show the version.' }),
    ...flagEntry('color', {
      value: 'WHEN',
      doc: 'Colour the output: auto (on a terminal), always or never.',
    }),
    '.SH COMMANDS',
    ...commands.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...paragraphs(EXIT_STATUS),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, doc]) => ['.TP', `.B ${roff(name)}`, roff(doc)]),
    '.SH FILES',
    ...FILES.flatMap(([name, doc]) => ['.TP', `.I ${roff(name)}`, roff(doc)]),
  ].join('\n')}\n`
}

const DESCRIPTION = `
Reads logs from files, containers, the journal, sockets and standard input, runs them through stages, and delivers them to Loki. Without a command it is logstream pipe.`

const EXIT_STATUS = `
0 done: everything read was delivered, or dropped on purpose. 1 bad usage or a bad config. 3 some lines are in the spool or in the dead letters. 4 some could not be saved anywhere. A second signal ends the program at once, with 130 or 143.`

const ENVIRONMENT: readonly [string, string][] = [
  ['LOGSTREAM_CONFIG', 'The config of a pipe without -c.'],
  ['LOKI_URL', 'Where a pipe without a config, the demo and dlq replay send entries, and what query asks.'],
  ['XDG_STATE_HOME', 'Its folder logstream holds the spool and the dead letters of pipes.'],
  ['NO_COLOR, FORCE_COLOR', 'Turn colour off or on; --color comes first, then FORCE_COLOR.'],
]

const FILES: readonly [string, string][] = [
  ['./logstream.alloy, /etc/logstream/config.alloy', 'Configs that a pipe uses without -c.'],
  ['data-logstream', 'Positions, spool and dead letters of a service.'],
]

function commandSection({ name, summary, command }: LoadedCommand): string[] {
  const { usage, about, flags, notes } = command
  return [
    `.SS ${roff(name)}: ${roff(summary)}`,
    '.nf',
    ...usage.map((line) => roff(line)),
    '.fi',
    ...paragraphs(about),
    ...[...flagGroups(flags)].flatMap(([heading, group]) => [
      ...(heading === '' ? [] : paragraphs(heading)),
      ...group.flatMap(([flag, each]) => flagEntry(flag, each)),
    ]),
    ...paragraphs(notes ?? ''),
  ]
}

function flagEntry(name: string, { short, value, doc }: Flag): string[] {
  const names = `${short === undefined ? '' : `\\fB\\-${short}\\fR, `}\\fB\\-\\-${roff(name)}\\fR`
  return ['.TP', `${names}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}`, roff(doc)]
}

/** Text with blank lines between its paragraphs; what is indented keeps its lines. */
function paragraphs(text: string): string[] {
  return text
    .split('\n\n')
    .filter((part) => part.trim() !== '')
    .flatMap((part) => {
      const lines = part.split('\n').filter((line) => line !== '')
      return lines.some((line) => line.startsWith('  '))
        ? ['.PP', '.nf', ...lines.map((line) => roff(line)), '.fi']
        : ['.PP', ...lines.map((line) => roff(line))]
    })
}

/** Text that roff prints as it is: dashes stay dashes, and no line is taken for a request. */
function roff(text: string): string {
  const plain = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll(
      /[^\u0000-\u007f]/gu,
      (letter) => `\\[u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
  return /^[.']/.test(plain) ? `\\&${plain}` : plain
}
