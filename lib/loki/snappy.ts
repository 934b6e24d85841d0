/**
 * Snappy blocks: by the package's native code, or by plain JavaScript where its binary for this platform is missing (as
 * after `npm install --omit=optional`), which takes about ten times as long.
 */
import { createRequire } from 'node:module'
import type * as snappyPackage from 'snappy'

/** What the package `snappy` and its stand-in have in common. */
export interface Snappy {
  compress(bytes: Buffer): Buffer
  /** Throws for bytes that aren't a block. */
  uncompress(bytes: Buffer): Buffer
}

type Native = Pick<typeof snappyPackage, 'compressSync' | 'uncompressSync'>

interface Plain {
  compress(bytes: Uint8Array): Uint8Array
  uncompress(bytes: Uint8Array): Uint8Array
}

const require = createRequire(import.meta.url)

// Memory of its own, which is the package's default, is mapped and faulted in anew for each call: 200 MB/s, not 3900.
const COPIED = { copyOutputData: true }

/** Takes the native code where it loads; the parameter is for tests. */
export function loadSnappy(native: () => unknown = () => require('snappy')): Snappy {
  try {
    const { compressSync, uncompressSync } = native() as Native
    return {
      compress: (bytes) => compressSync(bytes, COPIED),
      uncompress: (bytes) => uncompressSync(bytes, COPIED) as Buffer,
    }
  } catch {
    const plain = require('snappyjs') as Plain
    return {
      compress: (bytes) => asBuffer(plain.compress(bytes)),
      uncompress: (bytes) => asBuffer(plain.uncompress(bytes)),
    }
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

let loaded: Snappy | undefined
const load = (): Snappy => (loaded ??= loadSnappy())

/** Loaded with the first block: that takes 10 ms, which a program that pushes nothing is spared. */
export const snappy: Snappy = {
  compress: (bytes) => load().compress(bytes),
  uncompress: (bytes) => load().uncompress(bytes),
}
