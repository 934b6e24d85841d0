/** Texts into the clipboard, and files out of the page. */
import { signal } from '@preact/signals'

/** What was done last, for a moment, for those who see it and those who hear it. */
export const notice = signal('')

let clearing: ReturnType<typeof setTimeout> | undefined

function tell(text: string): void {
  notice.value = text
  clearTimeout(clearing)
  clearing = setTimeout(() => (notice.value = ''), 2500)
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    tell('Copied')
  } catch {
    // Without TLS, browsers have no clipboard for pages of other machines.
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    tell(document.execCommand('copy') ? 'Copied' : 'The browser did not let the page copy')
    area.remove()
  }
}

export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
