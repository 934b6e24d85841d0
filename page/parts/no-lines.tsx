/** What a view of log lines shows to a client that may not see them. */

export function NoLines({ why }: { why: string }) {
  return (
    <div class="empty">
      <p>
        <strong>No lines for this computer.</strong>
      </p>
      <p>{why}</p>
    </div>
  )
}
