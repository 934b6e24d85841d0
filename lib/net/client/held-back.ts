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

/** For each new connection of a pool, before anything is read from it. Returns the pool. */
export function mayEndHeldBack(pool: Dispatcher): Dispatcher {
  const { kSocket, kParser } = require('undici/lib/core/symbols.js') as Readonly<Record<string, symbol>>
  return pool.on('connect', (_, targets) => {
    const socket = Reflect.get(targets.at(-1)!, kSocket!) as Socket
    const pausedParser = (): Parser | undefined => {
      const parser = Reflect.get(socket, kParser!) as Parser | null | undefined
      return parser?.paused === true ? parser : undefined
    }
    socket.prependListener('end', () => goOn(pausedParser()))
    // What the socket still held is lost, so the body is broken. undici takes it for whole if the connection isn't kept alive.
    const breakOff = (): void => {
      const parser = pausedParser()
      if (parser !== undefined) parser.shouldKeepAlive = true
    }
    socket.prependListener('error', breakOff)
    socket.prependListener('close', breakOff)
  })
}

/**
 * All bytes that came are in the body already, since the socket ends when its own buffer is empty. What is left is to find
 * out whether they are the whole body.
 */
function goOn(parser: Parser | undefined): void {
  if (parser === undefined) return
  // Completes a body with a length or in chunks. Any other is paused once more, as its reader still has enough.
  parser.resume()
  if (!parser.paused) return
  parser.llhttp.llhttp_resume(parser.ptr)
  parser.paused = false
}
