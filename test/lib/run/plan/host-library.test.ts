import { hostname } from 'node:os'
import t from 'tap'
import type { FunctionValue, Value } from '../../../../lib/alloy/value.ts'
import { hostLibrary } from '../../../../lib/run/plan/host-library.ts'
import { VERSION } from '../../../../lib/version.ts'

void t.test('constants of this host in the words of Go, and the given environment', (tap) => {
  const library = hostLibrary({ NAME: 'value' }, 'generally-available')
  const constants = library.get('constants') as ReadonlyMap<string, Value>
  tap.equal(constants.get('hostname'), hostname())
  tap.equal(constants.get('version'), `v${VERSION}`)
  tap.match(constants.get('os'), /^(linux|darwin|windows|freebsd)$/)
  tap.match(constants.get('arch'), /^(amd64|arm64|386|arm)$/)
  const env = (library.get('sys') as ReadonlyMap<string, FunctionValue>).get('env')!
  tap.same([env.call(['NAME']), env.call(['HOME'])], ['value', ''], 'nothing but what is given')
  tap.end()
})
