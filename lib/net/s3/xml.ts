/** Reads the XML that AWS answers with: flat elements, of which single ones are wanted. */

/** The text of the first element of a name in one of AWS' answers, whose elements have no attributes. */
export function elementOf(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  return start < 0 || end < 0 ? undefined : xml.slice(start + name.length + 2, end)
}
