/** Writes numbered lines into a file and rotates it by renaming, as a service under load does. */
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs'

export interface LogWriter {
  /** How many lines have been written. */
  readonly written: () => number
  /** Every line that was written, in order. */
  readonly lines: () => readonly string[]
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
  /** How long the file stays empty at first. */
  readonly quietMs?: number
}

export function writeLog(options: LogWriterOptions): LogWriter {
  const { path, perTick, rotateAfter, keep, name } = options
  const lines: string[] = []
  let fd = openSync(path, 'a')
  let inFile = 0
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
  }
  const began = Date.now() + (options.quietMs ?? 0)
  const timer = setInterval(() => {
    if (Date.now() >= began) tick()
  }, 10)
  return {
    written: () => lines.length,
    lines: () => lines,
    stop: () => {
      clearInterval(timer)
      closeSync(fd)
    },
  }
}
