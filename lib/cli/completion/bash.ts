/** The completion script for bash, from version 3.2 on (macOS). */
import type { Takes } from '../command.ts'
import { quoted, spellings, type LoadedCommand } from './loaded.ts'

export function bashCompletion(commands: readonly LoadedCommand[]): string {
  const names = [...commands.map(({ name }) => name), 'help', 'version']
  return `# Completions of logstream for bash: source <(logstream completion bash)
_logstream() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' word='' flags='' words='' values='' i IFS=$' \\t\\n'
  # bash splits --flag=value at the equals sign.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${names.join('|')})
        command=$word
        break
        ;;
    esac
  done
  case $command in
    '')
      flags='--help --version --color'
      words=${list(names)}
      case $before in
        --color) values='auto always never' ;;
      esac
      ;;
    help) words=${list(names)} ;;
${commands.map(commandCase).join('\n')}
  esac
  COMPREPLY=()
  if [[ -n $values ]]; then
    words=$values
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
    return
  fi
  IFS=$'\\n'
  case $words in
    '' | @any) ;;
    @file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    @folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
    *) IFS=$' \\t\\n'; COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -F _logstream logstream
`
}

function commandCase({ name, flags, words }: LoadedCommand): string {
  const all = Object.entries(flags)
  const cases = all
    .filter(([, { value }]) => value !== undefined)
    .map(([flag, each]) => `        ${spellings(flag, each).join('|')}) values=${takes(each.takes)} ;;`)
  return `    ${name})
      flags=${list(all.flatMap(([flag, each]) => spellings(flag, each)))}
      words=${takes(words)}
      case $before in
${cases.join('\n')}
      esac
      ;;`
}

function takes(what: Takes | undefined): string {
  if (what === undefined) return '@any'
  return typeof what === 'string' ? `@${what}` : list(what)
}

function list(words: readonly string[]): string {
  return quoted(words.join(' '), "'\\''")
}
