/** The `encoding` namespace: JSON, YAML, base64 and URL escapes. */
import { queryEscape } from '../../go/query-escape.ts'
import { fromBytes, rejoined, toBytes } from '../../go/strings/bytes.ts'
import { bytesValue } from '../bytes-value.ts'
import { toStringValue } from '../convert.ts'
import { isObject } from '../kinds.ts'
import { typeName, ValueError, type FunctionValue, type Value } from '../value.ts'
import { any, define } from './define.ts'
import { readJsonValue } from './json-read.ts'
import { jsonText } from './json-write.ts'
import { readYaml } from './yaml.ts'

// Every number of from_json is a float, as in Go.
function float(raw: string): Value {
  const value = Number(raw)
  if (!Number.isFinite(value)) throw new ValueError(`the JSON number ${raw} is too large for a float`)
  return value
}

function toJson(value: Value): Value {
  if (!isObject(value)) throw new ValueError(`encoding.to_json takes an object, found ${typeName(value)}`)
  return jsonText(value)
}

// Go's decoders: line ends are skipped, padding is required, stray bits at the end aren't.
function decodeBase64(text: string, alphabet: 'base64' | 'base64url'): Value {
  const known = alphabet === 'base64' ? /[A-Za-z0-9+/]/ : /[A-Za-z0-9_-]/
  let digits = ''
  let at = 0
  const bad = (): ValueError => new ValueError(`illegal ${alphabet} text at character ${at + 1}`)
  for (; at < text.length; at++) {
    const character = text[at]!
    if (character === '\n' || character === '\r') continue
    if (!known.test(character) || digits.endsWith('=')) {
      const padding = character === '=' && digits.length % 4 >= 2
      if (!padding) throw bad()
    }
    digits += character
  }
  if (digits.length % 4 !== 0) throw bad()
  return bytesValue(Buffer.from(digits, alphabet))
}

// Node leaves the padding of base64url out.
function encodeBase64(text: string, alphabet: 'base64' | 'base64url'): string {
  const digits = Buffer.from(toBytes(text)).toString(alphabet)
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')
}

function urlDecode(text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)
  if (bad !== null) throw new ValueError(`invalid URL escape ${JSON.stringify(bad[0])}`)
  const spaced = text.replaceAll('+', ' ')
  const decoded = spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    fromBytes(Buffer.from(run.replaceAll('%', ''), 'hex')),
  )
  return rejoined(decoded)
}

function onText(name: string, body: (text: string) => Value): [string, FunctionValue] {
  return [name, define<[string]>(`encoding.${name}`, [toStringValue], body)]
}

/** The functions of the namespace by their names in it. */
export const encodingFunctions: ReadonlyMap<string, FunctionValue> = new Map([
  onText('from_json', (text) => readJsonValue(text, float)),
  onText('from_yaml', readYaml),
  onText('from_base64', (text) => decodeBase64(text, 'base64')),
  onText('from_URLbase64', (text) => decodeBase64(text, 'base64url')),
  ['to_json', define<[Value]>('encoding.to_json', [any], toJson)],
  onText('to_base64', (text) => encodeBase64(text, 'base64')),
  onText('to_URLbase64', (text) => encodeBase64(text, 'base64url')),
  onText('url_encode', queryEscape),
  onText('url_decode', urlDecode),
])
