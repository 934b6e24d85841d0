/** Reads the XML that S3 and AWS' token services answer with: flat elements without attributes. */

/** Returns the text of the first element of a name, `undefined` without one. */
export function elementOf(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  return start < 0 || end < 0 ? undefined : unescaped(xml.slice(start + name.length + 2, end))
}

/** Returns what is in each element of a name, in order and not unescaped. */
export function elementsOf(xml: string, name: string): string[] {
  const [open, close] = [`<${name}>`, `</${name}>`]
  const found: string[] = []
  for (let start = xml.indexOf(open); start >= 0; start = xml.indexOf(open, start)) {
    const end = xml.indexOf(close, start)
    if (end < 0) break
    found.push(xml.slice(start + open.length, end))
    start = end
  }
  return found
}

/** For text of an element. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{1,4}));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name as string] ?? (all as string)
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : (all as string)
  })
}
