/** What is known of one line: its labels, metadata and fields, each of them a way to narrow the query. */
import { useSignal } from '@preact/signals'
import { narrowed, type FieldKind } from '../logql/query.ts'
import { copyText } from '../parts/copy.ts'
import { Icon } from '../parts/icon.tsx'
import { jsonFields, objectIn, prettyJson } from '../text/json.ts'
import { visible } from '../text/visible.ts'
import { askFor, asked, show } from './asked.ts'
import { Context } from './context.tsx'
import { valueIn, type Line } from './line.ts'
import { lineLink } from './share.tsx'
import { logfmtFields } from '../text/logfmt.ts'

/** A megabyte in one element takes the browser seconds; the rest can be copied. */
const MOST_SHOWN = 100_000
const MOST_VALUE = 2000

export function Details({ line }: { line: Line; searched: readonly string[] }) {
  const around = useSignal(false)
  const json = objectIn(line.text)
  const whole = prettyJson(line.text) ?? line.text
  const known = (name: string): boolean =>
    valueIn(line.labels, name) !== undefined ||
    valueIn(line.metadata, name) !== undefined ||
    valueIn(line.parsed, name) !== undefined
  const found = (json === undefined ? logfmtFields(line.text) : jsonFields(json)).filter(
    ([name]) => !known(name),
  )
  return (
    <div class="details">
      <div class="details-bar">
        <button type="button" class="tiny" onClick={() => void copyText(line.text)}>
          <Icon name="copy" />
          Copy line
        </button>
        <button
          type="button"
          class="tiny"
          title="Its stream, 30 s before and after"
          onClick={() => void copyText(lineLink(line))}
        >
          Copy link
        </button>
        <button
          type="button"
          class="tiny"
          aria-pressed={around.value}
          onClick={() => (around.value = !around.value)}
        >
          Lines around it
        </button>
        <span class="soft mono">{exactTime(line.ns)}</span>
      </div>
      {around.value ? <Context line={line} /> : null}
      <pre class="whole" tabIndex={0} aria-label="The whole line">
        {visible(whole.slice(0, MOST_SHOWN))}
        {whole.length > MOST_SHOWN
          ? ` … ${(whole.length - MOST_SHOWN).toLocaleString('en-US')} more characters`
          : ''}
      </pre>
      <Fields title="Labels" kind="label" fields={Object.entries(line.labels)} />
      <Fields title="Structured metadata" kind="field" fields={Object.entries(line.metadata)} />
      <Fields title="Parsed by the query" kind="field" fields={Object.entries(line.parsed)} />
      <Fields title="Found in the line" kind={json === undefined ? 'logfmt' : 'json'} fields={found} />
    </div>
  )
}

interface FieldsProps {
  readonly title: string
  readonly kind: FieldKind
  readonly fields: readonly (readonly [name: string, value: string])[]
}

function Fields({ title, kind, fields }: FieldsProps) {
  if (fields.length === 0) return null
  return (
    <section class="fields">
      <h2>{title}</h2>
      <ul>
        {fields.map(([name, value]) => (
          <Field key={name} kind={kind} name={name} value={value} />
        ))}
      </ul>
    </section>
  )
}

function Field({ kind, name, value }: { kind: FieldKind; name: string; value: string }) {
  const { columns, query } = asked.value
  const isColumn = columns.includes(name)
  const narrow = (only: boolean): void => askFor({ query: narrowed(query, { kind, name, value, only }) })
  // Names that no query can hold are shown and nothing else.
  const usable = /^[A-Za-z_]\w*$/.test(name)
  return (
    <li>
      <span class="field-actions">
        <button
          type="button"
          class="tiny quiet"
          disabled={!usable}
          title={`Only lines with this ${name}`}
          aria-label={`Only ${name} = ${value.slice(0, 80)}`}
          onClick={() => narrow(true)}
        >
          =
        </button>
        <button
          type="button"
          class="tiny quiet"
          disabled={!usable}
          title={`No lines with this ${name}`}
          aria-label={`Not ${name} = ${value.slice(0, 80)}`}
          onClick={() => narrow(false)}
        >
          ≠
        </button>
        <button
          type="button"
          class="tiny quiet icon"
          disabled={name.includes(',')}
          aria-pressed={isColumn}
          title="Show as a column"
          aria-label={`Column ${name}`}
          onClick={() =>
            show({ columns: isColumn ? columns.filter((each) => each !== name) : [...columns, name] })
          }
        >
          <Icon name="columns" />
        </button>
      </span>
      <span class="field-name">{visible(name)}</span>
      <span class="field-value">
        {visible(value.slice(0, MOST_VALUE))}
        {value.length > MOST_VALUE ? ' …' : ''}
      </span>
    </li>
  )
}

/** `2026-01-31T13:05:09.123456789Z` */
function exactTime(ns: string): string {
  const at = new Date(Number(ns.slice(0, -6)))
  return Number.isNaN(at.getTime()) ? ns : `${at.toISOString().slice(0, -4)}${ns.slice(-9)}Z`
}
