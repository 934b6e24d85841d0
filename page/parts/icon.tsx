/** The icons of the page, drawn with strokes on a 16 by 16 grid. */

const PATHS = {
  logo: 'M3 4.5h10M3 8h7M3 11.5h4',
  contrast: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.6A5.3 5.3 0 0 1 6.4 3a5.3 5.3 0 1 0 6.6 6.6z',
  play: 'M5 3.5v9l7-4.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2 1.3',
  down: 'M4.5 6.5 8 10l3.5-3.5',
  right: 'M6.5 4.5 10 8l-3.5 3.5',
  left: 'M9.5 4.5 6 8l3.5 3.5',
  out: 'M3.5 8h9M6 5.5 3.5 8 6 10.5M10 5.5 12.5 8 10 10.5',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  save: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  wrap: 'M3 4h10M3 8h8a2 2 0 0 1 0 4H8M9.5 10.5 8 12l1.5 1.5M3 12h2',
  order: 'M5 3v10M3 11l2 2 2-2M11 13V3M9 5l2-2 2 2',
  columns: 'M3 3.5h10v9H3zM6.5 3.5v9M10 3.5v9',
  braces: 'M6 3C4 3 5 7 3.5 8 5 9 4 13 6 13M10 3c2 0 1 4 2.5 5C11 9 12 13 10 13',
  plus: 'M8 4v8M4 8h8',
  minus: 'M4 8h8',
  book: 'M3 3.5h4l1 1 1-1h4v9H9l-1 1-1-1H3zM8 4.5v9',
  live: 'M8 6.8a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4M5 11a4.2 4.2 0 0 1 0-6M11 5a4.2 4.2 0 0 1 0 6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10',
} as const

export type IconName = keyof typeof PATHS

/** Hidden from screen readers: a word or a label is always beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
