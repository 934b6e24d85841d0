import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { LogqlError } from '../../../../lib/logql/syntax/error.ts'
import { errorAnswer, jsonAnswer, packed, queryErrorText } from '../../../../lib/store/query/answers.ts'

void t.test('JSON and errors', (t) => {
  t.match(jsonAnswer({ a: 1 }), { status: 200, type: 'application/json; charset=UTF-8', body: '{"a":1}' })
  t.match(errorAnswer(400, 'no'), { status: 400, type: 'text/plain; charset=utf-8', body: 'no' })
  t.equal(queryErrorText('{a\n=', new LogqlError('end', { offset: 4 })), 'parse error at line 2, col 2: end')
  t.equal(queryErrorText('{a=', new LogqlError('too much')), 'too much')
  t.end()
})

void t.test('packed only where it is taken and worth it', async (t) => {
  const long = jsonAnswer('x'.repeat(2000))
  const cases: [accepted: string | undefined, yes: boolean][] = [
    ['gzip', true],
    ['br;q=1.0, GZip ;q=0.2', true],
    [undefined, false],
    ['br', false],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['x-gzip', false],
  ]
  for (const [accepted, yes] of cases) {
    const answer = await packed(long, accepted ?? 'none')
    t.equal(answer.headers?.['content-encoding'], yes ? 'gzip' : undefined, accepted ?? 'none')
    t.equal(yes ? gunzipSync(answer.body as Buffer).toString() : answer.body, long.body, accepted ?? 'none')
  }
  const large = jsonAnswer('x'.repeat(200_000))
  t.equal(gunzipSync((await packed(large, 'gzip')).body as Buffer).toString(), large.body)
  const short = jsonAnswer('x')
  t.equal(await packed(short, 'gzip'), short)
})
