/** A Loki that accepts everything and keeps nothing, in its own process so that its CPU time is not counted as ours. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const delayMs = Number(process.argv[2] ?? 0)

const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => {
    setTimeout(() => response.writeHead(204).end(), delayMs)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit(0))
