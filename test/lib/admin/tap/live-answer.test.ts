import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { LiveAnswer } from '../../../../lib/admin/tap/live-answer.ts'

void t.test('a client that does not read misses what comes, and gets the rest when it does', async (tap) => {
  const server = createServer()
  tap.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n')
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  const answer = new LiveAnswer(response, 'text/plain')
  const ended = new Promise<void>((resolve) => answer.onEnd(resolve))
  const text = 'x'.repeat(4 * 1024 * 1024)
  let written = 0
  while (answer.write(text)) written++
  tap.ok(written >= 1 && written < 20, `${written} written`)
  tap.notOk(answer.write('more'))
  tap.equal(answer.skipped, 2)
  socket.resume()
  await once(response, 'drain')
  tap.ok(answer.write('again'))
  socket.destroy()
  await ended
  tap.notOk(answer.write('gone'))
})
