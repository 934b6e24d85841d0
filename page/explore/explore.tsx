/** Explore: ask for lines and look at them. */

export function Explore() {
  return <p class="empty">…</p>
}
