/** Lines outside of the syslog RFCs (CEF, many devices): the priority is read, the rest is the message. */
import { isDigit } from './cursor.ts'
import type { SyslogMessage } from './message.ts'

/** RAW = [ "<" 1*DIGIT ">" ] MESSAGE; white space around it is not part of the message. Nothing is refused. */
export function parseRaw(text: string): SyslogMessage {
  const line = text.trim()
  const priority = priorityOf(line)
  const rest = priority === undefined ? line : line.slice(line.indexOf('>') + 1).trim()
  return { version: 0, priority, message: rest === '' ? undefined : rest }
}

// Alloy takes priorities up to 255 here, though facilities end at 191.
function priorityOf(line: string): number | undefined {
  if (line.charCodeAt(0) !== 60) return undefined
  let at = 1
  let value = 0
  for (; isDigit(line.charCodeAt(at)) && at < 12; at++) value = value * 10 + line.charCodeAt(at) - 48
  return line[at] === '>' && at > 1 && value < 256 ? value : undefined
}
