/** The completion script for fish. */
import type { Flag, Takes } from '../command.ts'
import { quoted, type LoadedCommand } from './loaded.ts'

export function fishCompletion(commands: readonly LoadedCommand[]): string {
  const names = [...commands.map(({ name }) => name), 'help', 'version']
  const lines = [
    '# Completions of logstream for fish: logstream completion fish | source',
    'complete -c logstream -e',
    'complete -c logstream -f',
    `set -l commands ${names.join(' ')}`,
    'set -l first "not __fish_seen_subcommand_from $commands"',
    ...commands.map(({ name, summary }) => `complete -c logstream -n $first -a ${name} -d ${text(summary)}`),
    "complete -c logstream -n $first -a help -d 'the flags of a command'",
    'complete -c logstream -n $first -s V -l version -d "show the version"',
    'complete -c logstream -n \'__fish_seen_subcommand_from help\' -a "$commands"',
    ...commands.flatMap(commandLines),
  ]
  return `${lines.join('\n')}\n`
}

function commandLines({ name, flags, words }: LoadedCommand): string[] {
  const start = `complete -c logstream -n '__fish_seen_subcommand_from ${name}'`
  return [
    ...Object.entries(flags).map(([flag, each]) => `${start} ${flagText(flag, each)}`),
    ...(words === undefined ? [] : [`${start} ${choices(words)}`]),
  ]
}

function flagText(name: string, { short, value, doc, takes }: Flag): string {
  const shortText = short === undefined ? '' : `-s ${short} `
  const valueText = value === undefined ? '' : ` -r ${choices(takes)}`
  return `${shortText}-l ${name}${valueText} -d ${text(doc)}`
}

function choices(takes: Takes | undefined): string {
  if (takes === undefined) return '-f'
  if (takes === 'file') return '-F'
  return takes === 'folder' ? "-f -a '(__fish_complete_directories)'" : `-f -a ${text(takes.join(' '))}`
}

function text(value: string): string {
  return quoted(value.replaceAll('\\', '\\\\'), "\\'")
}
