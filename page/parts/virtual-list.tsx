/** A list of any length of which only the rows in sight exist. */
import { signal, type Signal } from '@preact/signals'
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core'
import { Component, createRef, type ComponentChildren } from 'preact'

export interface VirtualListProps {
  readonly count: number
  /** Pixels of a row that hasn't been measured. */
  readonly estimate: number
  readonly label: string
  readonly render: (index: number) => ComponentChildren
  /** The same for the same row, wherever it is now. */
  readonly keyOf: (index: number) => string | number
  /** Called whenever other rows are in sight: the first and the last of them. */
  readonly onSight?: (first: number, last: number) => void
  readonly class?: string
  /** Stays at the end as rows are added there. */
  readonly stick?: boolean
}

interface RowInSight {
  /** The key of its element. */
  readonly slot: number
  readonly measure: (element: HTMLDivElement | null) => void
  index: number
  content: ComponentChildren
  drawnBy: VirtualListProps['render'] | undefined
}

export class VirtualList extends Component<VirtualListProps> {
  readonly #box = createRef<HTMLDivElement>()
  readonly #rows: Signal<readonly VirtualItem[]> = signal([])
  readonly #height = signal(0)
  readonly #inSight = new Map<VirtualItem['key'], RowInSight>()
  /** Elements without a row. */
  readonly #free: number[] = []
  #slots = 0
  #list: Virtualizer<HTMLDivElement, Element> | undefined
  #unmount: (() => void) | undefined

  override componentDidMount(): void {
    this.#list = new Virtualizer<HTMLDivElement, Element>(this.#options())
    this.#unmount = this.#list._didMount()
    this.#list._willUpdate()
    this.#take()
  }

  override componentDidUpdate(before: VirtualListProps): void {
    // Scrolling renders too; then there's nothing new for the list.
    if (before === this.props) return
    const box = this.#box.current!
    const grown = this.props.stick === true && before.count !== this.props.count
    // Asking where the end is makes the browser lay everything out, which cost 15 ms in each frame of a scroll.
    const atEnd = grown && box.scrollHeight - box.scrollTop - box.clientHeight < 40
    this.#list!.setOptions(this.#options())
    if (before.estimate !== this.props.estimate) this.#list!.measure()
    this.#list!._willUpdate()
    this.#take()
    if (atEnd) requestAnimationFrame(() => box.scrollTo({ top: box.scrollHeight }))
  }

  override componentWillUnmount(): void {
    this.#unmount?.()
  }

  render() {
    const { label, class: name = '', count } = this.props
    return (
      // Scrolling with the keyboard needs the focus.
      <div ref={this.#box} class={`virtual ${name}`} tabIndex={0} role="feed" aria-label={label}>
        <div class="virtual-space" style={{ height: `${this.#height.value}px` }}>
          {this.#rows.value
            .filter(({ index }) => index < count)
            .map((row) => {
              const { slot, content, measure } = this.#sight(row)
              return (
                <div
                  key={slot}
                  data-index={row.index}
                  class="virtual-row"
                  ref={measure}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  {content}
                </div>
              )
            })}
        </div>
      </div>
    )
  }

  // A row that stays in sight is what it was: preact passes over a node that is the same object.
  #sight({ key, index }: VirtualItem): RowInSight {
    const row = this.#inSight.get(key)!
    if (row.index !== index || row.drawnBy !== this.props.render) {
      row.index = index
      row.drawnBy = this.props.render
      row.content = row.drawnBy(index)
    }
    return row
  }

  // Rows that come into sight take the elements of those that leave it: making elements anew costs most of a frame.
  #assign(rows: readonly VirtualItem[]): void {
    const keys = new Set(rows.map(({ key }) => key))
    // In the order of the document, or each jump would move all elements about.
    for (const { key } of this.#rows.peek()) {
      if (keys.has(key)) continue
      this.#free.push(this.#inSight.get(key)!.slot)
      this.#inSight.delete(key)
      // Or the list would stop watching the element when the row comes back, in another one.
      this.#list!.elementsCache.delete(key)
    }
    for (const { key } of rows)
      if (!this.#inSight.has(key)) this.#inSight.set(key, this.#newRow(this.#free.shift() ?? this.#slots++))
  }

  #newRow(slot: number): RowInSight {
    // A function of its own for each row, so that an element is measured again when another row takes it.
    const measure = (element: HTMLDivElement | null): void => {
      if (element !== null) this.#list!.measureElement(element)
    }
    return { slot, measure, index: -1, content: undefined, drawnBy: undefined }
  }

  #options() {
    const { count, estimate, keyOf } = this.props
    return {
      count,
      getScrollElement: () => this.#box.current,
      estimateSize: () => estimate,
      getItemKey: keyOf,
      overscan: 12,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#take(),
    }
  }

  #take(): void {
    const rows = this.#list!.getVirtualItems()
    this.#assign(rows)
    this.#rows.value = rows
    this.#height.value = this.#list!.getTotalSize()
    const [first, last] = [rows[0], rows.at(-1)]
    if (first !== undefined && last !== undefined) this.props.onSight?.(first.index, last.index)
  }
}
