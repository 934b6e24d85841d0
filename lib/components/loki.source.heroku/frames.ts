/**
 * Log lines as Heroku's Logplex posts them (devcenter.heroku.com/articles/log-drains#https-drains): octet-counted
 * frames, `LENGTH <PRI>VERSION TIME HOST APP PROCESS ID MESSAGE`. That is RFC 5424 without its structured data.
 */
import { parseRfc3339, type Instant } from '../../go/rfc3339.ts'

export interface DrainMessage {
  readonly time: Instant
  readonly host: string
  readonly app: string
  readonly process: string
  readonly id: string
  /** With the line end that Logplex sends. */
  readonly text: string
}

/** `unframed`: no length where one should be, so that nothing after it can be read. `truncated`: the body ends within. */
export type FrameFault = 'unframed' | 'truncated' | 'unreadable'

/** Digits of a length; larger bodies aren't taken. */
const MOST_DIGITS = 9

const SPACE = 0x20

/** Every frame of a body, in order; after `unframed` and `truncated` there are no more. */
export function* drainMessages(body: Buffer): Generator<DrainMessage | FrameFault> {
  let at = 0
  while (at < body.length) {
    const space = body.subarray(at, at + MOST_DIGITS + 1).indexOf(SPACE)
    const digits = space < 0 ? '' : body.toString('latin1', at, at + space)
    if (!/^\d+$/.test(digits)) return void (yield 'unframed')
    const start = at + space + 1
    const end = start + Number(digits)
    if (end > body.length) return void (yield 'truncated')
    yield messageIn(body.toString('utf8', start, end)) ?? 'unreadable'
    at = end
  }
}

/** Six fields, each with the space after it, then the message, which may be empty. */
const MESSAGE = /^<\d{1,3}>\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+) ([^]*)$/

function messageIn(frame: string): DrainMessage | undefined {
  const [, stamp, host, app, process, id, text] = MESSAGE.exec(frame) ?? []
  const time = parseRfc3339(stamp ?? '')
  if (time === undefined) return undefined
  return { time, host: host!, app: app!, process: process!, id: id!, text: text! }
}
