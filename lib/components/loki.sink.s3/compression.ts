/** The compressions that objects can have. */
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { LogstreamError } from '../../errors.ts'

export type CompressionName = 'gzip' | 'zstd' | 'none'

export const COMPRESSIONS: readonly CompressionName[] = ['gzip', 'zstd', 'none']

/** Since Node 22.15. */
interface Zstd {
  readonly zstdCompress?: typeof zlib.deflate
  readonly zstdCompressSync?: typeof zlib.deflateSync
}

export interface Compression {
  readonly compress: (data: string) => Promise<Buffer>
  readonly compressSync: (data: Uint8Array) => Buffer
}

/** Throws BAD_CONFIG for zstd on a Node without it. */
export function compressionOf(name: Exclude<CompressionName, 'none'>): Compression {
  if (name === 'gzip')
    return { compress: promisify<string, Buffer>(zlib.gzip), compressSync: (data) => zlib.gzipSync(data) }
  const { zstdCompress, zstdCompressSync } = zlib as Zstd
  if (zstdCompress === undefined || zstdCompressSync === undefined)
    throw new LogstreamError(
      'BAD_CONFIG',
      `compression: zstd needs Node 22.15 or later, this is ${process.versions.node}: use gzip`,
      { option: 'compression' },
    )
  return {
    compress: promisify<string, Buffer>(zstdCompress),
    compressSync: (data) => zstdCompressSync(data),
  }
}
