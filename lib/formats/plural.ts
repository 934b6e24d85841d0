/** Numbers of things, for messages. */

/** `1 line`, `2 lines`; `many` for nouns without a plain s: `plural(3, 'entry', 'entries')`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
