/**
 * Entries that a destination has refused for good, kept as JSON lines with its reason, so that they can be looked at,
 * mended and sent again. The program never deletes them; a full folder takes no more.
 */
import { mkdir, open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** One line of a dead-letters file. */
export interface DeadLetter {
  /** Version of this format; missing in what 0.1.0 wrote, which is format 1 too. */
  readonly format?: number
  /** When it was refused, RFC 3339. */
  readonly at: string
  /** The component and the name of its endpoint. */
  readonly component: string
  readonly endpoint: string
  /** The route. */
  readonly tenant: string
  /** Label set as text: `{a="b"}`. */
  readonly labels: string
  /** Unix time in nanoseconds, as text. */
  readonly timestamp: string
  readonly line: string
  readonly structured_metadata: readonly (readonly [string, string])[]
  /** The destination's status; 0 if the entry was not sent. */
  readonly status: number
  readonly reason: string
}

export interface DeadLettersOptions {
  readonly folder: string
  /** All files together. */
  readonly maxBytes: number
  /** Size at which a new file is begun. */
  readonly maxFileBytes: number
}

/** Folder of the letters in a component's data folder. */
export const DEAD_LETTERS = 'dead-letters'
export const LETTER_FORMAT = 1

const NAME = /^dead-letters-(\d+)\.jsonl$/

export class DeadLetters {
  readonly #options: DeadLettersOptions
  #file: FileHandle | undefined
  #number = 0
  #fileBytes = 0
  #bytes = 0
  #chain: Promise<unknown> = Promise.resolve()

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  /** Bytes in all files; 0 before the first letter. */
  get bytes(): number {
    return this.#bytes
  }

  get folder(): string {
    return this.#options.folder
  }

  /** Resolves with `true` when the letters are safe on disk, `false` when the folder is full. Rejects when the disk fails. */
  append(letters: readonly DeadLetter[]): Promise<boolean> {
    const next = this.#chain.then(() => this.#append(letters))
    this.#chain = next.catch(() => {})
    return next
  }

  async close(): Promise<void> {
    await this.#chain
    await this.#closeFile()
  }

  // Opening it again ends a torn line.
  async #closeFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #append(letters: readonly DeadLetter[]): Promise<boolean> {
    this.#file ??= await this.#open()
    const text = Buffer.from(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''))
    if (this.#bytes + text.length > this.#options.maxBytes) return false
    if (this.#fileBytes > 0 && this.#fileBytes + text.length > this.#options.maxFileBytes) await this.#roll()
    try {
      await this.#file.appendFile(text)
      await this.#file.datasync()
    } catch (error) {
      // Half a letter may be there; the next one must not run into it.
      await this.#file.truncate(this.#fileBytes).catch(() => this.#closeFile())
      throw error
    }
    this.#fileBytes += text.length
    this.#bytes += text.length
    return true
  }

  async #open(): Promise<FileHandle> {
    const { folder } = this.#options
    await mkdir(folder, { recursive: true })
    let bytes = 0
    for (const name of await readdir(folder)) {
      const number = Number(NAME.exec(name)?.[1] ?? -1)
      if (number < 0) continue
      bytes += (await stat(join(folder, name))).size
      this.#number = Math.max(this.#number, number)
    }
    this.#bytes = bytes
    const file = await open(this.#path(), 'a+', 0o600)
    try {
      await closeTornLine(file, (await file.stat()).size)
      this.#fileBytes = (await file.stat()).size
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #roll(): Promise<void> {
    await this.#closeFile()
    this.#number++
    this.#file = await open(this.#path(), 'a+', 0o600)
    this.#fileBytes = 0
  }

  #path(): string {
    return join(this.#options.folder, `dead-letters-${this.#number}.jsonl`)
  }
}

/** The files of a folder, oldest first. */
export async function letterFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const numbered = names.flatMap((name) => {
    const number = NAME.exec(name)?.[1]
    return number === undefined ? [] : [{ name, number: Number(number) }]
  })
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => join(folder, name))
}

// A process that was killed may have left half a line; the next letter must not run into it.
async function closeTornLine(file: FileHandle, size: number): Promise<void> {
  if (size === 0) return
  const last = Buffer.alloc(1)
  await file.read(last, 0, 1, size - 1)
  if (last[0] !== 0x0a) await file.appendFile('\n')
}
