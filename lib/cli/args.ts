/** Command line arguments: Node's parseArgs, with messages that say what to do. */
import { parseArgs } from 'node:util'
import { nearest } from '../alloy/nearest.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Flag, Flags } from './command.ts'

/** The flags that were given, and all other words in order. */
export interface Args {
  readonly words: readonly string[]
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
}

/** Throws BAD_USAGE for an unknown flag or a flag without its value. */
export function readArgs(command: string, args: readonly string[], flags: Flags): Args {
  try {
    const options = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, optionOf(flag)]))
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    })
    const all = values as Record<string, string | boolean | (string | boolean)[] | undefined>
    return {
      words: positionals,
      text: (name) => all[name] as string | undefined,
      texts: (name) => (all[name] as string[] | undefined) ?? [],
      flag: (name) => all[name] === true,
    }
  } catch (error) {
    const message = messageOf(error)
    const unknown = /'(--?[^' ]+)/.exec(message)?.[1]
    const near =
      unknown === undefined
        ? undefined
        : nearest(
            unknown,
            Object.keys(flags).map((name) => `--${name}`),
          )
    const hint = message.includes('ambiguous')
      ? ` A value that starts with a dash is written as ${unknown}=VALUE.`
      : near === undefined || near === unknown
        ? ''
        : ` Did you mean ${near}?`
    throw new LogstreamError(
      'BAD_USAGE',
      `${message.split(/\.?\s*\n|\. /)[0]}.${hint} See: logstream ${command} --help`,
      { cause: error },
    )
  }
}

function optionOf({ value, short, multiple }: Flag): {
  type: 'string' | 'boolean'
  short?: string
  multiple: boolean
} {
  return {
    type: value === undefined ? 'boolean' : 'string',
    multiple: multiple ?? false,
    ...(short === undefined ? {} : { short }),
  }
}
