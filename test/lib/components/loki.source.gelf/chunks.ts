/** GELF chunks, as a sender makes them. */

/** One chunk of a message with that id (up to 8 characters). */
export function chunk(id: string, number: number, count: number, data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0x1e, 0x0f]),
    Buffer.from(id.padEnd(8)),
    Buffer.from([number, count]),
    data,
  ])
}

export function chunksOf(id: string, message: Buffer, size: number): Buffer[] {
  const count = Math.ceil(message.length / size)
  return Array.from({ length: count }, (_, i) =>
    chunk(id, i, count, message.subarray(i * size, (i + 1) * size)),
  )
}
