import t from 'tap'
import { requestParameters } from '../../../../lib/store/query/parameters.ts'
import { httpRequest, incomingMessage } from '../../../support/http-request.ts'

async function read(method: string, type: string | undefined, body: string, address = ''): Promise<unknown> {
  const headers = type === undefined ? {} : { 'content-type': type }
  const query = new URLSearchParams(address)
  const found = await requestParameters(httpRequest({ method, query, raw: incomingMessage(headers, [body]) }))
  return found.ok ? found.values.toString() : found
}

const FORM = 'application/x-www-form-urlencoded'

void t.test('a form comes before the address', async (t) => {
  t.equal(await read('POST', FORM, 'a=1&b=%7B', 'a=2&c=3'), 'a=1&b=%7B&a=2&c=3')
  t.equal(await read('POST', `${FORM.toUpperCase()} ; charset=UTF-8`, 'a=1'), 'a=1')
})

void t.test('other bodies, and those of GET, do not count', async (t) => {
  t.equal(await read('GET', FORM, 'a=1', 'a=2'), 'a=2')
  t.equal(await read('POST', undefined, 'a=1', 'a=2'), 'a=2')
  t.equal(await read('POST', 'application/json', '{"a":"1"}', 'a=2'), 'a=2')
})

void t.test('a form has its limit', async (t) => {
  t.match(await read('POST', FORM, `a=${'x'.repeat(10 * 1024 * 1024)}`), { ok: false, status: 413 })
})
