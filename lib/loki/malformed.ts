/** How readers of pushes give up on bad input: they throw `Malformed` inside, and return a message outside. */

/** Input that isn't what it claims to be. The message says what was expected and what was found. */
export class Malformed extends Error {}

export type Read<T> =
  | ({ readonly ok: true } & T)
  | {
      readonly ok: false
      readonly error: string
    }

/** Returns what `read` returns, or the message of the `Malformed` it throws, with `prefix` before it. */
export function reading<T extends object>(read: () => T, prefix = ''): Read<T> {
  try {
    return { ok: true, ...read() }
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError)
      return { ok: false, error: prefix + error.message }
    // Values nested some thousand levels deep overflow the stack.
    if (error instanceof RangeError) return { ok: false, error: `${prefix}nested too deeply` }
    throw error
  }
}
