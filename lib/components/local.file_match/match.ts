/** From targets whose paths are patterns to targets whose paths are files: what `local.file_match` is about. */
import { stat } from 'node:fs/promises'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Clock } from '../../flow/clock.ts'
import { FileFinder, type Found } from './discover.ts'
import { Glob } from './glob.ts'

/** Names to values, `__path__` among them. */
export type Target = ReadonlyMap<string, string>

export interface MatchSettings {
  readonly targets: readonly Target[]
  /** Milliseconds between two looks. */
  readonly sync_period: number
  /** Files not changed for longer (milliseconds) are left out; 0: none are. */
  readonly ignore_older_than: number
}

/** The pattern of one target, and what it matched at the last look. */
interface Pattern {
  readonly finder: FileFinder
  readonly excluded: Glob | undefined
  found: readonly Found[]
  /** `found` without what is excluded. */
  kept: readonly Found[]
}

/** Turns the patterns of targets into files, again and again. */
export class TargetFinder {
  readonly #settings: MatchSettings
  readonly #patterns = new Map<Target, Pattern>()
  #last: readonly (readonly Found[])[] = []
  #targets: readonly Target[] = []

  constructor(settings: MatchSettings) {
    this.#settings = settings
  }

  /**
   * The files that the patterns match now: the labels of the pattern's target, without empty ones, and a `__path__`. Returns
   * the array of the look before where nothing has changed.
   */
  async find(now: number, onError: (message: string) => void): Promise<readonly Target[]> {
    const found: (readonly Found[])[] = []
    for (const target of this.#settings.targets) found.push(await this.#filesOf(target, now, onError))
    if (found.length === this.#last.length && found.every((files, i) => files === this.#last[i]))
      return this.#targets
    this.#last = found
    this.#targets = found.flatMap((files, i) => {
      const labels = [...this.#settings.targets[i]!].filter(([, value]) => value !== '')
      return files.map(({ path }) => new Map([...labels, ['__path__', path]]))
    })
    return this.#targets
  }

  async #filesOf(target: Target, now: number, onError: (message: string) => void): Promise<readonly Found[]> {
    try {
      const pattern = this.#patternOf(target)
      const { finder, excluded } = pattern
      const found = await finder.find()
      if (found !== pattern.found) {
        pattern.found = found
        pattern.kept =
          excluded === undefined
            ? found
            : found.filter(({ name, path }) => !excluded.matches(name) && !excluded.matches(path))
      }
      const oldest = now - this.#settings.ignore_older_than
      return oldest < now ? await changedSince(pattern.kept, oldest) : pattern.kept
    } catch (error) {
      onError(messageOf(error))
      return NONE
    }
  }

  // Throws for a target that can't be used.
  #patternOf(target: Target): Pattern {
    const known = this.#patterns.get(target)
    if (known !== undefined) return known
    const path = target.get('__path__') ?? ''
    if (path === '')
      throw new Error('a target has no __path__: give it a pattern, as in {__path__ = "/var/log/*.log"}')
    const exclude = target.get('__path_exclude__') ?? ''
    const excluded = exclude === '' ? undefined : new Glob(exclude)
    const pattern = { finder: new FileFinder(new Glob(path)), excluded, found: NONE, kept: NONE }
    this.#patterns.set(target, pattern)
    return pattern
  }
}

const NONE: readonly Found[] = []

function isEqual(one: Target, other: Target): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}

async function changedSince(found: readonly Found[], oldest: number): Promise<Found[]> {
  const young: Found[] = []
  for (const file of found) {
    const stats = await stat(file.path).catch(() => undefined)
    if (stats !== undefined && stats.mtimeMs >= oldest) young.push(file)
  }
  return young
}

/** Looks again and again, and tells when the files are others than before. */
export class TargetWatch {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #onChange: (targets: readonly Target[]) => void
  #settings: MatchSettings
  #finder: TargetFinder
  #told: readonly Target[] | undefined
  #complaint = ''
  #stopped = false
  #round = 0
  #cancel: () => void = () => {}

  constructor(
    settings: MatchSettings,
    ctx: { readonly clock: Clock; readonly log: Logger },
    onChange: (targets: readonly Target[]) => void,
  ) {
    this.#settings = settings
    this.#finder = new TargetFinder(settings)
    this.#clock = ctx.clock
    this.#log = ctx.log
    this.#onChange = onChange
  }

  /** Looks now (resolves when it has been told) and then every `sync_period`, with the new settings if given. */
  async look(settings: MatchSettings = this.#settings): Promise<void> {
    if (settings !== this.#settings) this.#finder = new TargetFinder(settings)
    this.#settings = settings
    this.#cancel()
    const round = ++this.#round
    const complaints: string[] = []
    const targets = await this.#finder.find(this.#clock.now(), (message) => complaints.push(message))
    if (this.#stopped || round !== this.#round) return
    const complaint = complaints.join('; ')
    if (complaint !== '' && complaint !== this.#complaint) this.#log.error(complaint)
    this.#complaint = complaint
    if (targets !== this.#told) this.#tell(targets)
    this.#cancel = this.#later()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #tell(targets: readonly Target[]): void {
    const before = this.#told
    this.#told = targets
    const isSame =
      before?.length === targets.length && before.every((target, i) => isEqual(target, targets[i]!))
    if (!isSame) this.#onChange(targets)
  }

  #later(): () => void {
    const timer = this.#clock.after(Math.max(10, this.#settings.sync_period), () => void this.look())
    return () => timer.cancel()
  }
}
