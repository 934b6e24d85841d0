/** What a command is: text and flags as data, of which its help, its parsing, the completions and the manual are made. */
import type { Io } from './io.ts'

/** What a flag's value or a word of a command line can be, for completions; left out: anything. */
export type Takes = 'file' | 'folder' | readonly string[]

export interface Flag {
  /** What its value is called: FILE, N, TIME. Left out: the flag takes none. */
  readonly value?: string
  /** One letter. */
  readonly short?: string
  readonly multiple?: true
  /** Continues "what it is"; with the default in parentheses. */
  readonly doc: string
  readonly takes?: Takes
  /** The heading under which help lists the flag; left out: the first list. */
  readonly group?: string
}

/** Flags by their long name without dashes. */
export type Flags = Readonly<Record<string, Flag>>

/** A command of the command line; its name and summary are in commands.ts. */
export interface Command {
  /** Command lines, such as `logstream fmt [--write | --test] [FILE]`. */
  readonly usage: readonly string[]
  /** Paragraphs of text; indented lines are examples or tables and stay as they are. */
  readonly about: string
  readonly flags: Flags
  /** What comes after the flags: more paragraphs, and the exit status. */
  readonly notes?: string
  /** What its words are; a function where that takes time. */
  readonly words?: Takes | (() => readonly string[])
  /** Runs with the arguments that follow the name. Resolves with the exit status; throws BAD_USAGE for bad arguments. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>
}

/** A row of the table of commands. A command's module is loaded only when it is called: loading costs time. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
  /** A signal ends it in order, also one that comes while it is loaded. */
  readonly service?: true
}
