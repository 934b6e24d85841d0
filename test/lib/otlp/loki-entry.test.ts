/** Entries for Loki made of OpenTelemetry records, compared with what the collector's own translator makes. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { attributeAt, attributesOf } from '../../../lib/otlp/attributes.ts'
import { decodeOtlpJson } from '../../../lib/otlp/otlp-json.ts'
import { lokiEntry } from '../../../lib/otlp/loki-entry.ts'
import type { OtlpValue } from '../../../lib/otlp/records.ts'

interface Case {
  readonly name: string
  readonly export: object
  readonly labels?: Record<string, string>
  readonly line?: string
  readonly fails?: boolean
}

const { cases } = JSON.parse(readFileSync('fixtures/otel/exporter-loki.json', 'utf8')) as { cases: Case[] }

/** Where the original loses text: a client that sends several lines gets them all here. */
const OURS: Readonly<Record<string, Partial<Case>>> = {
  'severity unknown': { labels: { exporter: 'OTLP' } },
}

void t.test('as the translator', (tap) => {
  for (const each of cases) {
    const decoded = decodeOtlpJson(JSON.stringify(each.export))
    if (!decoded.ok) {
      tap.fail(`${each.name}: ${decoded.error}`)
      continue
    }
    const [{ attributes: resource, scopes }] = decoded.resources as [(typeof decoded.resources)[0]]
    const made = lokiEntry({ resource, scope: scopes[0]!, record: scopes[0]!.records[0]! })
    const { labels, line, fails = false } = { ...each, ...OURS[each.name] }
    if (fails) tap.notOk(made.ok, each.name)
    else
      tap.same(
        made.ok ? { line: made.line, labels: made.labels.toObject() } : made,
        { line, labels },
        each.name,
      )
  }
  tap.end()
})

void t.test('several lines stay whole in logfmt', (tap) => {
  const made = lokiEntry({
    resource: [],
    scope: { name: '', version: '', attributes: [] },
    record: {
      ...{
        time: 1n,
        observed: 0n,
        severityNumber: 0,
        severityText: '',
        droppedAttributes: 0,
        flags: 0,
        eventName: '',
      },
      ...{ traceId: '', spanId: '', attributes: [['loki.format', 'logfmt']], body: 'a=1\nb=2' },
    },
  })
  tap.match(made, { ok: true, line: 'msg="a=1\\nb=2"' })
  tap.end()
})

void t.test('a path of a thousand parts costs nothing', (tap) => {
  let inner: OtlpValue = 'x'
  for (let i = 0; i < 31; i++) inner = { pairs: [['a', inner]] }
  const attributes = attributesOf([['a', inner]])
  tap.equal(attributeAt(attributes, Array.from({ length: 32 }, () => 'a').join('.')), 'x')
  const started = performance.now()
  tap.equal(attributeAt(attributes, 'a.'.repeat(1000)), undefined)
  tap.equal(attributeAt(attributes, `${'a.'.repeat(31)}b`), undefined)
  tap.ok(performance.now() - started < 1000)
  tap.end()
})
