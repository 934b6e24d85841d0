/** `loki.source.journal`: the systemd journal, read through journalctl from the last acknowledged entry on. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { block, duration, flag, optional, required, text, type OptionsOf } from '../../component/fields.ts'
import { forwardField, labelsField, maxLineSizeField, rulesField } from '../../component/options/source.ts'
import type { Cursor } from '../../disk/cursors.ts'
import { legacyCursor } from '../../disk/legacy-positions.ts'
import { LogstreamError } from '../../errors.ts'
import { Signal } from '../../flow/signal.ts'
import { compileRules } from '../../formats/relabel.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { entryMaker } from './entry-maker.ts'
import { JournalReader, type JournalCounters } from './journal-reader.ts'

const fields = {
  format_as_json: optional(flag, false, 'The line holds all fields, as JSON, instead of MESSAGE.'),
  max_age: optional(duration, 25_200_000, 'Oldest entry that is read when no position is stored yet.'),
  path: optional(text, '', "Folder of the journal's files; left out: those of this machine."),
  relabel_rules: rulesField,
  matches: optional(
    text,
    '',
    'Fields that entries must have, such as "_SYSTEMD_UNIT=ssh.service _TRANSPORT=stdout".',
  ),
  forward_to: forwardField,
  labels: labelsField,
  max_line_size: maxLineSizeField,
  legacy_position: block(
    {
      file: required(text, 'Positions file of Promtail or an older agent.'),
      name: required(text, 'Name of the journal job in it.'),
    },
    'Where to read on after Promtail, the first time.',
  ),
}

type JournalOptions = OptionsOf<typeof fields>

/** The one partition. */
const KEY = 'journal'
/** Before journalctl is started again. */
const RESTART_MS = 5000

export const lokiSourceJournal = defineComponent({
  name: 'loki.source.journal',
  summary: 'Reads the systemd journal, without losing or repeating entries.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component<JournalOptions> => {
    const source = new JournalSource(options, ctx)
    return {
      output: source.output,
      start: () => source.start(),
      stop: () => source.stop(),
      close: () => source.close(),
      health: () =>
        source.problem === ''
          ? { state: 'healthy', message: '' }
          : { state: 'unhealthy', message: source.problem },
    }
  },
})

class JournalSource {
  problem = ''
  readonly #options: JournalOptions
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  readonly #matches: readonly string[]
  readonly #counters: JournalCounters
  readonly #wake = new Signal()
  readonly #stopped = new AbortController()
  #reader: JournalReader | undefined
  #running: Promise<void> | undefined

  constructor(options: JournalOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#matches = matchesIn(options.matches)
    this.#intake = new ReplayableIntake(ctx, options.max_line_size)
    this.#counters = {
      lines: ctx.metrics.counter(
        'loki_source_journal_target_lines_total',
        'Total number of successful journal lines read',
      ),
      errors: ctx.metrics.counters(
        'loki_source_journal_target_parsing_errors_total',
        'Total number of parsing errors while reading journal messages',
        'error',
      ),
    }
  }

  get output(): ReplayableIntake['output'] {
    return this.#intake.output
  }

  async start(): Promise<void> {
    await this.#intake.load()
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#intake.stop()
    this.#reader?.stop()
    this.#wake.notify()
    await this.#running
    this.#intake.end()
  }

  async close(): Promise<void> {
    if (!this.#stopped.signal.aborted) await this.stop()
    await this.#intake.close()
  }

  async #run(): Promise<void> {
    const { log, clock, id } = this.#ctx
    const stopped = this.#stopped.signal
    const { labels, relabel_rules: rules, format_as_json: asJson, path, max_age: maxAge } = this.#options
    const partition = this.#intake.partition(KEY, isCursor)
    const make = entryMaker({
      asJson,
      // As in Alloy, the job is the component.
      labels: new Map([...(labels ?? []), ['job', id]]),
      relabel: rules === undefined ? undefined : compileRules(rules),
    })
    const legacy = partition.position === undefined ? await this.#legacyCursor() : undefined
    const since = Math.max(0, Math.floor((clock.now() - maxAge) / 1000))
    while (!stopped.aborted) {
      // Reading on from the position while entries are in flight would send those twice.
      await partition.settled(stopped)
      if (stopped.aborted) return
      const from = partition.position ?? legacy
      this.#reader = new JournalReader({ partition, make, counters: this.#counters, log, clock })
      const why = await this.#reader.read({ path, matches: this.#matches, from, since }, () => this.#works())
      if (stopped.aborted) return
      if (this.problem === '') log.error('the journal cannot be read', { error: why })
      this.problem = why
      await this.#wake.nextWithin(RESTART_MS, clock)
    }
  }

  #works(): void {
    if (this.problem !== '') this.#ctx.log.info('the journal can be read again')
    this.problem = ''
  }

  async #legacyCursor(): Promise<string | undefined> {
    const { legacy_position: legacy } = this.#options
    return legacy === undefined ? undefined : await legacyCursor(legacy.file, legacy.name, this.#ctx.log)
  }
}

function isCursor(stored: Cursor): stored is string {
  return typeof stored === 'string' && stored !== ''
}

// journalctl's own form: FIELD=value, where FIELD is capitals, digits and underscores, and + between groups.
function matchesIn(text: string): readonly string[] {
  const matches = text.split(/\s+/).filter((match) => match !== '')
  const bad = matches.find((match) => match !== '+' && !/^[A-Z0-9_]+=/.test(match))
  if (bad !== undefined)
    throw new LogstreamError('BAD_CONFIG', `matches: expected FIELD=value, found "${bad}"`, {
      option: 'matches',
    })
  return matches
}
