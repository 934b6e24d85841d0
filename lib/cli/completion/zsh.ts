/** The completion script for zsh: to be sourced after compinit, or a file `_logstream` in a folder of `$fpath`. */
import type { Flag, Takes } from '../command.ts'
import { quoted, spellings, type LoadedCommand } from './loaded.ts'

export function zshCompletion(commands: readonly LoadedCommand[]): string {
  const rows = commands.map(({ name, summary }) => `    ${text(`${name}:${summary}`)}`)
  return `#compdef logstream
# Completions of logstream for zsh: source <(logstream completion zsh)
_logstream_commands() {
  local -a commands=(
${rows.join('\n')}
    'help:the flags of a command'
    'version:the version'
  )
  _describe -t commands command commands
}

_logstream() {
  local state line
  _arguments -C '(-h --help)'{-h,--help}'[show this help]' '(-V --version)'{-V,--version}'[show the version]' \\
    '--color=[when to colour]:WHEN:(auto always never)' '1: :_logstream_commands' '*:: :->rest'
  [[ $state == rest ]] || return
  case $line[1] in
    help) _logstream_commands ;;
${commands.map(commandCase).join('\n')}
  esac
}

# As a file of $fpath it's called while it is loaded.
if [[ $funcstack[1] == _logstream ]]; then
  _logstream "$@"
else
  compdef _logstream logstream
fi
`
}

function commandCase({ name, flags, words }: LoadedCommand): string {
  const specs = Object.entries(flags).map(([flag, each]) => flagSpec(flag, each))
  return `    ${name})
      _arguments -s -S \\
${[...specs, text(`*:${argument(words)}`)].map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`
}

/** `'(-c --config)'{-c+,--config=}'[the config]:FILE:_files'` */
function flagSpec(name: string, flag: Flag): string {
  const { doc, value, multiple, takes } = flag
  const names = spellings(name, flag)
  const ending = value === undefined ? '' : `:${escaped(value)}${action(takes)}`
  const rest = text(`[${escaped(doc)}]${ending}`)
  const marks = names.map((each) =>
    value === undefined ? each : `${each}${each.startsWith('--') ? '=' : '+'}`,
  )
  const exclusive = multiple === true ? "'*'" : text(`(${names.join(' ')})`)
  return marks.length === 1 ? `${exclusive}${marks[0]}${rest}` : `${exclusive}{${marks.join(',')}}${rest}`
}

function argument(takes: Takes | undefined): string {
  return `word${action(takes)}`
}

function action(takes: Takes | undefined): string {
  if (takes === undefined) return ': '
  if (takes === 'file') return ':_files'
  return takes === 'folder' ? ':_files -/' : `:(${takes.join(' ')})`
}

function escaped(doc: string): string {
  return doc.replaceAll(/[\\[\]:]/g, '\\$&')
}

function text(value: string): string {
  return quoted(value, "'\\''")
}
