/** Sprig's encodings, ciphers and random values. */
import { Buffer } from 'node:buffer'
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  randomInt,
  randomUUID,
  scryptSync,
} from 'node:crypto'
import { fixed, variadic } from '../function.ts'
import { MAX_WORK, checkText, spend } from '../limits.ts'
import { fromBytes, toBytes } from '../../strings/bytes.ts'
import { type TemplateFunction, fault } from '../value.ts'
import { decodeBase32, decodeBase64, encodeBase32 } from './base-n.ts'

const IV = 16

/** A password as an AES-256 key: its first 32 bytes, filled up with zeros. */
function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(32)
  key.set(toBytes(password).subarray(0, 32))
  return key
}

/** AES-256-CBC with the initial vector in front, in base64. */
function encryptAes(password: string, text: string): string {
  if (text === '') return ''
  const iv = randomBytes(IV)
  const cipher = createCipheriv('aes-256-cbc', keyOf(password), iv)
  return Buffer.concat([iv, cipher.update(toBytes(text)), cipher.final()]).toString('base64')
}

function decryptAes(password: string, encrypted: string): string {
  if (encrypted === '') return ''
  const decoded = decodeBase64(encrypted)
  if (decoded.startsWith('illegal base64')) throw fault(decoded)
  const data = toBytes(decoded)
  if (data.length <= IV || data.length % IV !== 0) throw fault('decryptAES: not a whole number of blocks')
  const decipher = createDecipheriv('aes-256-cbc', keyOf(password), data.subarray(0, IV)).setAutoPadding(
    false,
  )
  const plain = Buffer.concat([decipher.update(data.subarray(IV)), decipher.final()])
  const padding = plain.at(-1) ?? 0
  if (padding > plain.length) throw fault('decryptAES: wrong padding; check the password')
  return fromBytes(plain.subarray(0, plain.length - padding))
}

/** The Master Password algorithm, https://masterpassword.app/masterpassword-algorithm.pdf. */
const passwordTemplates = new Map([
  ['maximum', 'anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno'],
  [
    'long',
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
      'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
      'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
  ],
  ['medium', 'CvcnoCvc CvcCvcno'],
  ['short', 'Cvcn'],
  ['basic', 'aaanaaan aannaaan aaannaaa'],
  ['pin', 'nnnn'],
])

const capitals = 'BCDFGHJKLMNPQRSTVWXYZ'
const anyLetter = `AEIOUaeiou${capitals}${capitals.toLowerCase()}`
const templateCharacters: Record<string, string> = {
  V: 'AEIOU',
  C: capitals,
  v: 'aeiou',
  c: capitals.toLowerCase(),
  A: `AEIOU${capitals}`,
  a: anyLetter,
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${anyLetter}0123456789!@#$%^&*()`,
}

function lengthPrefixed(text: string): Buffer {
  const bytes = toBytes(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function derivePassword(counter: number, kind: string, password: string, user: string, site: string): string {
  const templates = passwordTemplates.get(kind)?.split(' ')
  if (templates === undefined) return `cannot find password template ${kind}`
  // Some 200 ms, so a template can do it a few times only.
  spend(MAX_WORK / 10)
  const scope = Buffer.from('com.lyndir.masterpassword')
  const salt = Buffer.concat([scope, lengthPrefixed(user)])
  const key = scryptSync(toBytes(password), salt, 64, { N: 32768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 })
  const number = Buffer.alloc(4)
  number.writeUInt32BE(counter)
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([scope, lengthPrefixed(site), number]))
    .digest()
  const template = templates[(seed[0] ?? 0) % templates.length] ?? ''
  return Array.from(template, (letter, i) => {
    const characters = templateCharacters[letter] ?? ''
    return characters[(seed[i + 1] ?? 0) % characters.length] ?? ''
  }).join('')
}

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Blank to ~. */
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

function randomText(characters: string): TemplateFunction {
  return fixed(['int'], (count) => {
    checkText(count)
    let text = ''
    for (let i = 0; i < count; i++) text += characters[randomInt(characters.length)]
    return text
  })
}

function randomInteger(min: number, max: number): bigint {
  const span = max - min
  if (!(span > 0)) throw fault(`randInt: ${max} is not above ${min}`)
  // randomInt takes no range beyond 2^48.
  return BigInt(min + (span < 2 ** 48 ? randomInt(span) : Math.floor(Math.random() * span)))
}

function randomBase64(count: number): string {
  checkText(count)
  if (count < 0) throw fault(`randBytes: ${count} bytes; expected 0 or more`)
  return randomBytes(count).toString('base64')
}

function shuffle(text: string): string {
  const chars = [...text]
  for (let i = chars.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    const held = chars[i] ?? ''
    chars[i] = chars[j] ?? ''
    chars[j] = held
  }
  return chars.join('')
}

/** What needs the network, or seconds of work for one log line. */
const unavailable = [
  'getHostByName',
  'bcrypt',
  'htpasswd',
  'genPrivateKey',
  'buildCustomCert',
  'genCA',
  'genCAWithKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
]

export const cryptoFunctions: readonly [string, TemplateFunction][] = [
  ['b64enc', fixed(['string'], (text) => Buffer.from(toBytes(text)).toString('base64'))],
  ['b64dec', fixed(['string'], decodeBase64)],
  ['b32enc', fixed(['string'], encodeBase32)],
  ['b32dec', fixed(['string'], decodeBase32)],
  ['encryptAES', fixed(['string', 'string'], encryptAes)],
  ['decryptAES', fixed(['string', 'string'], decryptAes)],
  ['derivePassword', fixed(['uint32', 'string', 'string', 'string', 'string'], derivePassword)],
  ['randAlphaNum', randomText(letters + digits)],
  ['randAlpha', randomText(letters)],
  ['randNumeric', randomText(digits)],
  ['randAscii', randomText(printable)],
  ['randInt', fixed(['int', 'int'], randomInteger)],
  ['randBytes', fixed(['int'], randomBase64)],
  ['shuffle', fixed(['string'], shuffle)],
  ['uuidv4', fixed([], () => randomUUID())],
  ...unavailable.map((name): [string, TemplateFunction] => [
    name,
    variadic([], 'any', () => {
      throw fault(`${name} is not available here: it would need the network or too much time for a log line`)
    }),
  ]),
]
