/** `loki.source.journal` on real journal files: what entries become, and where reading goes on. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { exportedRules } from '../../../../lib/component/options/relabel.ts'
import { lokiSourceJournal } from '../../../../lib/components/loki.source.journal/journal.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { until } from '../../../support/component-run.ts'
import { noJournal, writeJournal } from '../../../support/journal-files.ts'
import { metric, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { supervised } from '../../../support/supervised.ts'

const skip = noJournal()
const MICROS = Date.UTC(2026, 10, 28, 12) * 1000
/** The test's journal is of any age. */
const ALL = '1000000h'

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  /** As at the end of the process. */
  readonly end: () => Promise<void>
}

async function source(tap: Test, path: string, more: object = {}, dataDir?: string): Promise<Running> {
  const ctx = sourceContext({ dataDir, id: 'loki.source.journal.test' })
  const options = decodeInput('loki.source.journal', lokiSourceJournal.fields, {
    forward_to: [],
    path,
    max_age: ALL,
    ...more,
  })
  const component = lokiSourceJournal.create(options, ctx)
  const end = async (): Promise<void> => {
    await component.stop?.()
    await component.close?.()
  }
  tap.teardown(end)
  await component.start?.()
  return { component, ctx, end }
}

const lines = async (component: Component, count: number): Promise<string[]> =>
  (await take(component.output!, count)).map(({ line }) => line)

void t.test('the message, its time, and fields as labels for relabelling', { skip }, async (tap: Test) => {
  const path = tap.testdir({})
  writeJournal(path, 'a', MICROS, [
    { MESSAGE: 'started', PRIORITY: '3', _SYSTEMD_UNIT: 'web.service' },
    { MESSAGE: Buffer.from([0x61, 0xff, 0x62]), PRIORITY: '9' },
    { MESSAGE: 'two\nlines' },
    { PRIORITY: '6', OTHER: 'no message' },
    { MESSAGE: 'x'.repeat(100_000) },
  ])
  const rules = exportedRules([
    { ...RELABEL_DEFAULTS, source_labels: ['__journal_priority_keyword'], target_label: 'level' },
    { ...RELABEL_DEFAULTS, source_labels: ['__journal__systemd_unit'], target_label: 'unit' },
  ])
  const { component, ctx } = await source(tap, path, { labels: { env: 'test' }, relabel_rules: rules })
  const entries = await take(component.output!, 4)
  tap.strictSame(
    entries.map(({ line, labels }) => [line.length > 100 ? line.length : line, labels.text]),
    [
      ['started', '{env="test", job="loki.source.journal.test", level="error", unit="web.service"}'],
      ['a\ufffdb', '{env="test", job="loki.source.journal.test", level="9"}'],
      ['two\nlines', '{env="test", job="loki.source.journal.test"}'],
      [100_000, '{env="test", job="loki.source.journal.test"}'],
    ],
  )
  tap.strictSame([entries[1]!.seconds, entries[1]!.nanos], [MICROS / 1e6, 1000])
  tap.equal(metric(ctx, 'loki_source_journal_target_lines_total'), 4)
  tap.equal(metric(ctx, 'loki_source_journal_target_parsing_errors_total'), 1, 'no_message')
})

void t.test('format_as_json, and matches', { skip }, async (tap: Test) => {
  const path = tap.testdir({})
  writeJournal(path, 'a', MICROS, [
    { MESSAGE: 'a', UNIT: 'one' },
    { MESSAGE: '<b>', UNIT: 'two' },
  ])
  const { component } = await source(tap, path, { format_as_json: true, matches: 'UNIT=two' })
  const [line] = await lines(component, 1)
  const fields = JSON.parse(line!) as Record<string, string>
  tap.equal(fields['MESSAGE'], '<b>')
  tap.equal(fields['__CURSOR'], undefined)
  tap.match(line, /"MESSAGE":"\\u003cb\\u003e"/, 'as Go writes it')
})

void t.test(
  'entries are followed, and the next start reads on after the last acknowledged one',
  { skip },
  async (tap: Test) => {
    const path = tap.testdir({})
    const dataDir = tap.testdir({ data: {}, journal: {} })
    writeJournal(path, 'a', MICROS, [{ MESSAGE: 'one' }, { MESSAGE: 'two' }])
    const first = await source(tap, path, {}, dataDir)
    tap.strictSame(await lines(first.component, 2), ['one', 'two'])
    writeJournal(path, 'a', MICROS + 10, [{ MESSAGE: 'three' }])
    tap.strictSame(await lines(first.component, 1), ['three'])
    await first.component.stop?.()
    await first.component.close?.()
    // Rotated meanwhile: the new entries are in another file.
    writeJournal(path, 'b', MICROS + 20, [{ MESSAGE: 'four' }])
    const second = await source(tap, path, {}, dataDir)
    tap.strictSame(await lines(second.component, 1), ['four'])
    await second.component.stop?.()
    await second.component.close?.()
    // Vacuumed: the entry that the cursor names is gone.
    writeJournal(path, 'c', MICROS + 30, [{ MESSAGE: 'five' }])
    rmSync(join(path, 'b.journal'))
    const third = await source(tap, path, {}, dataDir)
    tap.strictSame(await lines(third.component, 1), ['five'])
    await third.end()
  },
)

void t.test('a folder that holds no journal is told, and looked at again', { skip }, async (tap: Test) => {
  const { component } = await source(tap, join(tap.testdir({}), 'none'))
  await until(() => component.health!().state === 'unhealthy')
  tap.match(component.health!().message, /journalctl: .*none/)
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    [
      'loki.source.journal "x" {\nforward_to = []\nlegacy_position { }\n}',
      /missing required attribute "file"[^]*missing required attribute "name"/,
    ],
    ['loki.source.journal "x" {\nforward_to = []\nmax_age = 3\n}', /c:3:11 max_age: /],
    [
      'loki.source.journal "x" {\nforward_to = []\nmatches = "--file=/etc/passwd"\n}',
      /c:3:1 matches: expected FIELD=value, found "--file=\/etc\/passwd"/,
    ],
  ] as const)
    tap.match((await supervised(tap).check(text)).join('\n'), message, text)
})

void t.test("Promtail's position is taken over", { skip }, async (tap: Test) => {
  const path = tap.testdir({})
  writeJournal(path, 'a', MICROS, [{ MESSAGE: 'one' }])
  const cursors: string[] = []
  const { component } = await source(tap, path, { format_as_json: true })
  cursors.push(...(await lines(component, 1)))
  tap.equal(cursors.length, 1)
  const file = join(tap.testdir({ a: '' }), 'positions.yaml')
  writeFileSync(file, 'positions:\n  cursor-journal: "s=0;i=0;b=0;m=0;t=0;x=0"\n')
  const { ctx } = await source(tap, path, { legacy_position: { file, name: 'journal' } })
  await until(() => ctx.logged.some((line) => line.includes("took over the journal's position")))
})
