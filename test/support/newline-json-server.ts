/** The server that the destination `newlineJson` posts to, with answers that a test chooses. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestServer } from './delivery-suite.ts'
import { readLines } from './newline-json.ts'

export async function newlineJsonServer(
  respond: TestServer['respond'],
): Promise<TestServer & { url: string }> {
  const test = { respond, entries: [] as { route: string; line: string }[], pushes: 0 }
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('error', () => {})
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      test.pushes++
      const route = String(message.headers['route'])
      const entries = readLines({ body: Buffer.concat(chunks) }).map(({ line }) => ({ route, line }))
      const answer = test.respond(entries)
      if (answer === 'hang') return
      if (answer === 'ok') test.entries.push(...entries)
      response.writeHead(answer === 'ok' ? 200 : answer.status).end(answer === 'ok' ? '' : answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  const { port } = server.address() as AddressInfo
  return Object.assign(test, { url: `http://127.0.0.1:${port}/`, close })
}
