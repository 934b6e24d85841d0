/**
 * Bodies that are held back while their connection ends. undici 7 pauses its parser when a body isn't read fast enough, and
 * asserts that it isn't paused when the server closes a connection that isn't kept alive: thrown in an event of the socket,
 * where nothing can catch it (https://github.com/nodejs/undici/issues/5360; mended in undici 8, which needs Node 22).
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'

const require = createRequire(import.meta.url)

/** What is used of undici's parser of one connection. */
interface Parser {
  paused: boolean
  shouldKeepAlive: boolean
  readonly ptr: number
  readonly llhttp: { llhttp_resume(ptr: number): void }
  resume(): void
}

/** Lets bodies wait while their connection ends, on each new connection of a pool. Returns the pool. */
export function mayEndHeldBack(pool: Dispatcher): Dispatcher {
  const { kSocket, kParser } = require('undici/lib/core/symbols.js') as Readonly<Record<string, symbol>>
  return pool.on('connect', (_, targets) => {
    const socket = Reflect.get(targets.at(-1)!, kSocket!) as Socket
    const pausedParser = (): Parser | undefined => {
      const parser = Reflect.get(socket, kParser!) as Parser | null | undefined
      return parser?.paused === true ? parser : undefined
    }
    const end = (): void => moveOn(pausedParser())
    const breakOff = (): void => fail(pausedParser())
    // Before undici's own listeners, which finish the body.
    socket.prependListener('end', end)
    socket.prependListener('error', breakOff)
    socket.prependListener('close', breakOff)
  })
}

/**
 * All bytes that came are in the body, since a socket ends when its own buffer is empty. undici has yet to find out whether
 * they are the whole of it.
 */
function moveOn(parser: Parser | undefined): void {
  if (parser === undefined) return
  // Completes a body that says where it ends. Any other is paused again, since it is still full.
  parser.resume()
  if (!parser.paused) return
  parser.llhttp.llhttp_resume(parser.ptr)
  parser.paused = false
}

/** What the socket held is lost. A connection that should be kept alive is what undici takes for broken then. */
function fail(parser: Parser | undefined): void {
  if (parser !== undefined) parser.shouldKeepAlive = true
}
