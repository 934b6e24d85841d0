/** Objects as JSON lines, compressed as a whole. */
import { compressionOf, type CompressionName } from './compression.ts'
import type { ArchiveFormat } from './objects.ts'

/** Throws BAD_CONFIG for a compression that this Node lacks. */
export function jsonLines(name: CompressionName): ArchiveFormat {
  if (name === 'none')
    return {
      suffix: '.jsonl',
      contentType: 'application/x-ndjson',
      encode: ({ text }) => Promise.resolve(Buffer.from(text)),
    }
  const { compress } = compressionOf(name)
  return {
    suffix: name === 'gzip' ? '.jsonl.gz' : '.jsonl.zst',
    contentType: `application/${name}`,
    encode: ({ text }) => compress(text),
  }
}
