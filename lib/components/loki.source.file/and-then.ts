/**
 * Goes on at once with what is there, or later with what is on its way. An `await` would make a promise in either case, and those
 * of opening a file are a good part of what it takes.
 */
export function andThen<T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}
