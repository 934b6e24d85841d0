/** Lines written at a steady pace, each with the time of its writing, and how long they took to arrive. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Writable } from 'node:stream'
import type { LineSource } from './inputs.ts'
import type { NullLoki } from './measure.ts'

/** Milliseconds from the writing of a line to the arrival of the push with it. */
export interface Delays {
  readonly median: number
  readonly p99: number
}

/** A line source and how to write it. */
interface Pace {
  readonly line: LineSource
  readonly lines: number
  readonly linesPerSecond: number
  /** A file, or a port once the program listens there. */
  readonly to: { readonly file: string } | { readonly port: number }
}

/** Milliseconds between two writes. */
const TICK_MS = 5

/**
 * Writes one line and waits for it, so that the program has started, and then the others. Resolves when all have arrived.
 * The program must be running, or starting.
 */
export async function writeAtPace(
  { line, lines, linesPerSecond, to }: Pace,
  loki: NullLoki,
): Promise<Delays> {
  const first = await loki.expect({ lines: 1 })
  const out = await opened(to)
  try {
    out.write(`${Date.now()} first\n`)
    await first()
    const arrived = await loki.expect({ lines, delays: true })
    const began = performance.now()
    for (let written = 0; written < lines; await sleep(TICK_MS)) {
      const due = Math.min(lines, Math.floor(((performance.now() - began) / 1000) * linesPerSecond))
      let text = ''
      for (const now = Date.now(); written < due; written++) text += `${now} ${line(written)}\n`
      if (text !== '' && !out.write(text)) await once(out, 'drain')
    }
    const { delays } = await arrived()
    const at = (share: number): number =>
      delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!
    return { median: at(0.5), p99: at(0.99) }
  } finally {
    out.destroy()
  }
}

async function opened(to: Pace['to']): Promise<Writable> {
  if ('file' in to) return createWriteStream(to.file, { flags: 'a' })
  for (let tries = 0; ; tries++) {
    const socket = connect(to.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return socket.on('error', () => undefined)
    } catch (error) {
      if (tries > 1000) throw error
      await sleep(20)
    }
  }
}
