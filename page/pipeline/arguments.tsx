/** Arguments and exports as a config has them. Secrets were taken out before they came here. */
import type { Described, TypedValue } from '../../lib/admin/describe.ts'
import { visible } from '../text/visible.ts'

export function Arguments({ body }: { body: readonly Described[] }) {
  return (
    <ul class="arguments">
      {body.map((each, i) => (
        <li key={i}>
          {each.type === 'attr' ? (
            <>
              <span class="ql-name">{each.name}</span> = <Value value={each.value} />
            </>
          ) : (
            <>
              <span class="ql-keyword">{each.name}</span>
              {each.label === undefined ? '' : ` ${JSON.stringify(each.label)}`}
              <Arguments body={each.body} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function Value({ value: { type, value } }: { value: TypedValue }) {
  switch (type) {
    case 'string':
      return <span class="ql-string">{visible(JSON.stringify(value))}</span>
    case 'number':
    case 'bool':
      return <span class="ql-number">{String(value as number | boolean)}</span>
    case 'null':
      return <span class="soft">null</span>
    case 'function':
      return <span class="soft">function</span>
    case 'capsule':
      return <span class="soft">{visible(String(value as string))}</span>
    case 'array':
      return (
        <List
          open="["
          close="]"
          items={(value as readonly TypedValue[]).map((each) => (
            <Value value={each} />
          ))}
        />
      )
    case 'object':
      return (
        <List
          open="{"
          close="}"
          items={(value as readonly { key: string; value: TypedValue }[]).map(({ key, value: each }) => (
            <>
              <span class="ql-name">{visible(key)}</span> = <Value value={each} />
            </>
          ))}
        />
      )
  }
}

/** More than these are cut: they would not be read anyway. */
const MOST = 200

function List({
  open,
  close,
  items,
}: {
  open: string
  close: string
  items: readonly preact.ComponentChild[]
}) {
  if (items.length === 0) return <>{open + close}</>
  return (
    <>
      {open}
      <ul class="arguments">
        {items.slice(0, MOST).map((item, i) => (
          <li key={i}>{item},</li>
        ))}
        {items.length > MOST ? <li class="soft">… {items.length - MOST} more</li> : null}
      </ul>
      {close}
    </>
  )
}
