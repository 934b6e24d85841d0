import t from 'tap'
import fc from 'fast-check'
import { authenticator, type PathFilter } from '../../../../lib/net/server/auth.ts'

const basic = { username: 'admin', password: 'pä:ss' }
const header = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

void t.test('only the right name and password get in', (tap) => {
  const letsIn = authenticator({ basic })
  tap.ok(letsIn('/', header('admin:pä:ss')))
  tap.ok(letsIn('/', header('admin:pä:ss').replace('Basic', 'bAsIc')))
  for (const wrong of [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Bearer abc',
    header(''),
    header('admin'),
    header('admin:'),
    header('admin:pä:ss '),
    header('Admin:pä:ss'),
    Buffer.from('admin:pä:ss').toString('base64'),
  ])
    tap.notOk(letsIn('/', wrong), `${wrong}`)
  tap.end()
})

void t.test('no other text is taken for the password', (tap) => {
  const letsIn = authenticator({ basic: { username: 'u', password: 'p' } })
  fc.assert(fc.property(fc.string(), (text) => letsIn('/', header(text)) === (text === 'u:p')))
  fc.assert(fc.property(fc.string(), (text) => !letsIn('/', text)))
  tap.end()
})

void t.test('an empty password is a password', (tap) => {
  const letsIn = authenticator({ basic: { username: '', password: '' } })
  tap.ok(letsIn('/', header(':')))
  tap.notOk(letsIn('/', undefined))
  tap.notOk(letsIn('/', header('')))
  tap.end()
})

void t.test('which paths ask', (tap) => {
  const filter = (authenticateMatchingPaths: boolean, ...paths: string[]): PathFilter => ({
    paths,
    authenticateMatchingPaths,
  })
  const cases: [PathFilter | undefined, string, boolean][] = [
    [undefined, '/metrics', false],
    // Alloy's: a filter that was written without paths matches nothing, so nothing asks.
    [filter(true), '/metrics', true],
    [filter(false), '/metrics', false],
    [filter(true, '/metrics'), '/metrics', false],
    [filter(true, '/metrics'), '/metrics/more', false],
    [filter(true, '/metrics'), '/', true],
    [filter(false, '/metrics', '/-/ready'), '/-/ready', true],
    [filter(false, '/metrics', '/-/ready'), '/-/reload', false],
  ]
  for (const [given, path, open] of cases)
    tap.equal(
      authenticator({ basic, filter: given })(path, undefined),
      open,
      `${JSON.stringify(given)} ${path}`,
    )
  tap.ok(authenticator({ filter: filter(false) })('/', undefined), 'a filter alone protects nothing')
  tap.end()
})

void t.test('the read-only user gets in as well', (tap) => {
  const letsIn = authenticator({ basic, readOnly: { username: 'guest', password: 'g' } })
  tap.ok(letsIn('/', header('guest:g')))
  tap.ok(letsIn('/', header('admin:pä:ss')))
  for (const wrong of [undefined, header('guest:pä:ss'), header('admin:g'), header('guest')])
    tap.notOk(letsIn('/', wrong), `${wrong}`)
  tap.end()
})
