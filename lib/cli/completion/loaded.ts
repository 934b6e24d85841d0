/** The table of commands with everything loaded, for what describes all of them: completions and the manual. */
import { COLOUR_CHOICES } from '../colour.ts'
import type { Command, CommandEntry, Flag, Flags, Takes } from '../command.ts'

export interface LoadedCommand {
  readonly name: string
  readonly summary: string
  readonly command: Command
  readonly words: Takes | undefined
  /** With those that every command has. */
  readonly flags: Flags
}

const COMMON: Flags = {
  help: { short: 'h', doc: 'show this help' },
  color: { value: 'WHEN', takes: COLOUR_CHOICES, doc: 'auto (default), always or never' },
}

export async function loadCommands(entries: readonly CommandEntry[]): Promise<LoadedCommand[]> {
  return await Promise.all(
    entries.map(async ({ name, summary, load }) => {
      const command = await load()
      const words = typeof command.words === 'function' ? command.words() : command.words
      return { name, summary, command, words, flags: { ...command.flags, ...COMMON } }
    }),
  )
}

/** Every way to write a flag: `-c`, `--config`. */
export function spellings(name: string, { short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]
}

/** In single quotes, for any of the three shells, with what a single quote is there. */
export function quoted(text: string, quote: string): string {
  return `'${text.replaceAll("'", quote)}'`
}
