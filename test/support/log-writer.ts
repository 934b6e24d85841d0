/** Writes numbered lines into a file and rotates it by renaming, as a service under load does. */
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs'

export interface LogWriter {
  /** How many lines have been written. */
  readonly written: () => number
  /** Every line that was written, in order. */
  readonly lines: () => readonly string[]
  /** Resolves when the file has been rotated `times` times. */
  readonly rotated: (times: number) => Promise<void>
  stop(): void
}

export interface LogWriterOptions {
  readonly path: string
  /** Lines per tick of 10 ms. */
  readonly perTick: number
  /** The file is rotated after so many lines. */
  readonly rotateAfter: number
  /** How many rotated files are kept. */
  readonly keep: number
  readonly name: string
}

export function writeLog(options: LogWriterOptions): LogWriter {
  const { path, perTick, rotateAfter, keep, name } = options
  const lines: string[] = []
  let fd = openSync(path, 'a')
  let inFile = 0
  let rotations = 0
  const waiting = new Set<() => void>()
  const tick = (): void => {
    let text = ''
    for (let i = 0; i < perTick; i++) {
      const line = `${name} ${lines.length} ${'x'.repeat(40)}`
      lines.push(line)
      text += `${line}\n`
    }
    writeSync(fd, text)
    inFile += perTick
    if (inFile < rotateAfter) return
    closeSync(fd)
    for (let i = keep; i > 0; i--) {
      const from = i === 1 ? path : `${path}.${i - 1}`
      if (existsSync(from)) renameSync(from, `${path}.${i}`)
    }
    fd = openSync(path, 'a')
    inFile = 0
    rotations++
    for (const look of waiting) look()
  }
  const timer = setInterval(tick, 10)
  return {
    written: () => lines.length,
    lines: () => lines,
    rotated: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (rotations < times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () => {
      clearInterval(timer)
      closeSync(fd)
    },
  }
}
