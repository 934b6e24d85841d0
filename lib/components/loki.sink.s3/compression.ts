/** The compressions of objects. */
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { LogstreamError } from '../../errors.ts'

export interface Compression {
  /** At the end of a key. */
  readonly suffix: string
  readonly contentType: string
  readonly compress: (text: string) => Promise<Buffer>
}

/** Since Node 22.15. */
interface Zstd {
  readonly zstdCompress?: typeof zlib.deflate
}

export type CompressionName = 'gzip' | 'zstd' | 'none'

export const COMPRESSIONS: readonly CompressionName[] = ['gzip', 'zstd', 'none']

/** Throws BAD_CONFIG for zstd on a Node without it. */
export function compressionOf(name: CompressionName): Compression {
  switch (name) {
    case 'none':
      return {
        suffix: '',
        contentType: 'application/x-ndjson',
        compress: (text) => Promise.resolve(Buffer.from(text)),
      }
    case 'gzip': {
      const gzip = promisify<string, Buffer>(zlib.gzip)
      return { suffix: '.gz', contentType: 'application/gzip', compress: gzip }
    }
    case 'zstd': {
      const { zstdCompress } = zlib as Zstd
      if (zstdCompress === undefined)
        throw new LogstreamError(
          'BAD_CONFIG',
          `compression: zstd needs Node 22.15 or later, this is ${process.versions.node}: use gzip`,
          { option: 'compression' },
        )
      const zstd = promisify<string, Buffer>(zstdCompress)
      return { suffix: '.zst', contentType: 'application/zstd', compress: zstd }
    }
  }
}
