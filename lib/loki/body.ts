/** Bodies of pushes: read up to a limit, and unpacked up to a limit, so that no small request becomes a large one. */
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { messageOf } from '../errors.ts'
import { snappy } from './snappy.ts'

/** The bytes, or what to answer. */
export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: number; readonly message: string }

// Made when a body asks for one: zlib isn't loaded before.
const gunzip = (bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer> =>
  promisify(zlib.gunzip)(bytes, options)
const inflate = (bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer> =>
  promisify(zlib.inflate)(bytes, options)
const inflateRaw = (bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer> =>
  promisify(zlib.inflateRaw)(bytes, options)

/** Reads a body of at most `limit` bytes. */
export async function readBody(message: IncomingMessage, limit: number): Promise<Body> {
  const stated = Number(message.headers['content-length'] ?? 0)
  if (stated > limit) return tooLarge(limit)
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving the loop must not destroy the socket, or the client never sees the answer.
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) return tooLarge(limit)
      chunks.push(chunk)
    }
  } catch (error) {
    return { ok: false, status: 400, message: `the body ended early: ${messageOf(error)}` }
  }
  return { ok: true, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }
}

/** Unpacks what `Content-Encoding` says; `snappy` is left alone, since protobuf pushes are snappy blocks anyway. */
export async function decodeBody(bytes: Buffer, encoding: string, limit: number): Promise<Body> {
  switch (encoding) {
    case '':
    case 'snappy':
      return { ok: true, bytes }
    case 'gzip':
      return await unpack(() => gunzip(bytes, { maxOutputLength: limit }), 'gzip', limit)
    case 'deflate':
      return await unpack(() => inflateRaw(bytes, { maxOutputLength: limit }), 'deflate', limit)
    default:
      return {
        ok: false,
        status: 400,
        message: `Content-Encoding "${encoding}" is not supported: send gzip, deflate, snappy or none`,
      }
  }
}

/** Unpacks deflate with zlib's header (RFC 1950), or without (RFC 1951). */
export async function inflateBody(bytes: Buffer, limit: number): Promise<Body> {
  const unpackBytes = hasZlibHeader(bytes) ? inflate : inflateRaw
  return await unpack(() => unpackBytes(bytes, { maxOutputLength: limit }), 'deflate', limit)
}

/** Whether bytes begin as RFC 1950 says: method 8, and two bytes that are a multiple of 31. */
export function hasZlibHeader(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
}

/** Unpacks one snappy block (not the framed format). */
export async function unsnappy(bytes: Buffer, limit: number): Promise<Body> {
  const size = blockSize(bytes)
  if (size === undefined) return broken('snappy')
  if (size > limit) return tooLarge(limit)
  return await unpack(() => Promise.resolve(snappy.uncompress(bytes)), 'snappy', limit)
}

// block = length of the contents (varint of at most 32 bits), elements
function blockSize(bytes: Buffer): number | undefined {
  let size = 0
  for (let i = 0; i < 5 && i < bytes.length; i++) {
    size += (bytes[i]! & 0x7f) * 2 ** (7 * i)
    if (bytes[i]! < 0x80) return size
  }
  return undefined
}

async function unpack(run: () => Promise<Buffer>, what: string, limit: number): Promise<Body> {
  try {
    return { ok: true, bytes: await run() }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : broken(what)
  }
}

function broken(what: string): Body {
  return { ok: false, status: 400, message: `${what}: expected a compressed body, found something else` }
}

/** For a body of more than `limit` bytes. */
export function tooLarge(limit: number): Body & { readonly ok: false } {
  return {
    ok: false,
    status: 413,
    message: `the push is larger than ${limit} bytes, packed or unpacked: send smaller batches`,
  }
}
