/** `logstream completion`: completions for a shell, made of the table of commands and their flags. */
import { LogstreamError } from '../../errors.ts'
import { readArgs } from '../args.ts'
import type { Command, CommandEntry } from '../command.ts'
import { EXIT } from '../io.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { loadCommands, type LoadedCommand } from './loaded.ts'
import { zshCompletion } from './zsh.ts'

const SHELLS: Readonly<Record<string, (commands: readonly LoadedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}
const names = Object.keys(SHELLS)

export function completionCommand(entries: readonly CommandEntry[]): Command {
  return {
    usage: ['logstream completion bash | zsh | fish'],
    about: `
Writes a script that completes commands, flags and their values:

  bash   source <(logstream completion bash)
  zsh    source <(logstream completion zsh), after compinit; or write it to a
         file _logstream in a folder of $fpath
  fish   logstream completion fish > ~/.config/fish/completions/logstream.fish`,
    flags: {},
    words: names,
    run: async (args, io) => {
      const { words } = readArgs('completion', args, {})
      const [shell = ''] = words
      const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
      if (script === undefined || words.length > 1)
        throw new LogstreamError(
          'BAD_USAGE',
          `completion takes one of ${names.join(', ')}, found "${words.join(' ')}". See: logstream completion --help`,
        )
      io.stdout.write(script(await loadCommands(entries)))
      return EXIT.ok
    },
  }
}
