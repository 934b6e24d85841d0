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

export class VirtualList extends Component<VirtualListProps> {
  readonly #box = createRef<HTMLDivElement>()
  readonly #rows: Signal<readonly VirtualItem[]> = signal([])
  readonly #height = signal(0)
  #list: Virtualizer<HTMLDivElement, Element> | undefined
  #unmount: (() => void) | undefined

  override componentDidMount(): void {
    this.#list = new Virtualizer<HTMLDivElement, Element>(this.#options())
    this.#unmount = this.#list._didMount()
    this.#list._willUpdate()
    this.#take()
  }

  override componentDidUpdate(before: VirtualListProps): void {
    const box = this.#box.current!
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    this.#list!.setOptions(this.#options())
    if (before.estimate !== this.props.estimate) this.#list!.measure()
    this.#list!._willUpdate()
    this.#take()
    if (this.props.stick === true && atEnd && before.count !== this.props.count)
      requestAnimationFrame(() => box.scrollTo({ top: box.scrollHeight }))
  }

  override componentWillUnmount(): void {
    this.#unmount?.()
  }

  render() {
    const { label, render, class: name = '' } = this.props
    return (
      // Scrolling with the keyboard needs the focus.
      <div ref={this.#box} class={`virtual ${name}`} tabIndex={0} role="feed" aria-label={label}>
        <div class="virtual-space" style={{ height: `${this.#height.value}px` }}>
          {this.#rows.value
            .filter(({ index }) => index < this.props.count)
            .map(({ key, index, start }) => (
              <div
                key={key}
                data-index={index}
                class="virtual-row"
                ref={(element) => this.#list?.measureElement(element)}
                style={{ transform: `translateY(${start}px)` }}
              >
                {render(index)}
              </div>
            ))}
        </div>
      </div>
    )
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
    this.#rows.value = rows
    this.#height.value = this.#list!.getTotalSize()
    const [first, last] = [rows[0], rows.at(-1)]
    if (first !== undefined && last !== undefined) this.props.onSight?.(first.index, last.index)
  }
}
