/** A button that opens a panel; it closes on Escape, on a click elsewhere, and when the focus leaves. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { createContext, type ComponentChildren } from 'preact'
import { useContext, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

const Close = createContext<() => void>(() => {})

export interface MenuProps {
  readonly label: ComponentChildren
  /** For screen readers, where `label` is an icon. */
  readonly name?: string
  readonly icon?: IconName
  readonly class?: string
  readonly side?: 'left' | 'right'
  readonly children: ComponentChildren
}

export function Menu({ label, name, icon, class: kind = '', side = 'right', children }: MenuProps) {
  const open = useSignal(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useSignalEffect(() => {
    if (!open.value) return
    const outside = (event: Event): void => {
      if (!box.current!.contains(event.target as Node)) open.value = false
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  })
  const close = (): void => {
    open.value = false
    button.current?.focus()
  }
  return (
    <div
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open.value) close()
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget
        if (to instanceof Node && !box.current!.contains(to)) open.value = false
      }}
    >
      <button
        type="button"
        ref={button}
        class={kind}
        aria-expanded={open.value}
        aria-label={name}
        title={name}
        onClick={() => (open.value = !open.value)}
      >
        {icon === undefined ? null : <Icon name={icon} />}
        {label}
      </button>
      {open.value ? (
        <div class={side === 'left' ? 'pop left' : 'pop'}>
          <Close.Provider value={close}>{children}</Close.Provider>
        </div>
      ) : null}
    </div>
  )
}

export interface ItemProps {
  readonly onPick: () => void
  readonly current?: boolean
  /** Leaves the menu open. */
  readonly stay?: boolean
  readonly children: ComponentChildren
}

export function Item({ onPick, current = false, stay = false, children }: ItemProps) {
  const close = useContext(Close)
  return (
    <button
      type="button"
      class="item"
      aria-current={current ? 'true' : undefined}
      onClick={() => {
        onPick()
        if (!stay) close()
      }}
    >
      {children}
    </button>
  )
}

/** Closes the menu around it. */
export function useClose(): () => void {
  return useContext(Close)
}
