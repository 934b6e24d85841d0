import t from 'tap'
import { readRunFlags, RUN_FLAGS } from '../../../lib/cli/run-flags.ts'

void t.test('every flag that `alloy run` has is taken', (tap) => {
  // As in its help, with a value that is not the default where there is one.
  const alloy = [
    '--cluster.advertise-address=10.0.0.1:12345',
    '--cluster.advertise-interfaces=eth0,en0',
    '--cluster.discover-peers=provider=k8s',
    '--cluster.enable-tls',
    '--cluster.enabled=true',
    '--cluster.join-addresses=a,b',
    '--cluster.max-join-peers=5',
    '--cluster.name=x',
    '--cluster.node-name=x',
    '--cluster.rejoin-interval=1m0s',
    '--cluster.tls-ca-path=x',
    '--cluster.tls-cert-path=x',
    '--cluster.tls-key-path=x',
    '--cluster.tls-server-name=x',
    '--cluster.use-discovery-v1',
    '--cluster.wait-for-size=3',
    '--cluster.wait-timeout=0s',
    '--config.bypass-conversion-errors',
    '--config.extra-args=x',
    '--feature.community-components.enabled',
    '--feature.prometheus.direct-fanout.enabled',
    '--feature.prometheus.metric-validation-scheme',
    '--server.http.enable-graphql',
    '--server.http.enable-graphql-playground',
    '--server.http.enable-pprof',
    '--server.http.memory-addr=alloy.internal:12345',
  ]
  const silent = [
    '--config.format=alloy',
    '--disable-reporting',
    '--feature.component-shutdown-deadline=10m',
    '--server.http.disable-support-bundle',
    '--server.http.listen-addr=0.0.0.0:12345',
    '--server.http.ui-path-prefix=/alloy',
    '--stability.level=experimental',
    '--storage.path=/var/lib/alloy/data',
  ]
  const { given, warnings, uiPrefix, stopDeadline } = readRunFlags([
    ...alloy,
    ...silent,
    '/etc/alloy/config.alloy',
  ])
  tap.same(given.words, ['/etc/alloy/config.alloy'])
  tap.same(
    new Set(warnings.map((line) => line.split(' ')[0])),
    new Set(alloy.map((flag) => flag.split('=')[0])),
    'one line for each flag without an effect',
  )
  tap.equal(uiPrefix, '/alloy/')
  tap.equal(stopDeadline, 600_000)
  tap.equal(given.text('storage.path'), '/var/lib/alloy/data')
  tap.ok(given.flag('server.http.disable-support-bundle'))
  tap.end()
})

void t.test('flags as Go writes them', (tap) => {
  const { given, warnings } = readRunFlags([
    '--disable-reporting=true',
    '--server.http.disable-support-bundle=F',
    '--cluster.enabled=false',
    '--server.http.enable-pprof=false',
    '--storage.path',
    'data',
    '--server.http.allowed-host=a',
    '--server.http.allowed-host',
    'b',
    'c.alloy',
    '--',
    '--cluster.enabled',
  ])
  tap.same(warnings, [], 'what is off already is worth no word')
  tap.notOk(given.flag('server.http.disable-support-bundle'))
  tap.equal(given.text('storage.path'), 'data')
  tap.same(given.texts('server.http.allowed-host'), ['a', 'b'])
  tap.same(given.words, ['c.alloy', '--cluster.enabled'])
  tap.end()
})

void t.test('values that do not fit', (tap) => {
  const cases: [string, RegExp][] = [
    ['--cluster.enabled=yes', /--cluster.enabled takes true or false, found "yes"/],
    ['--feature.component-shutdown-deadline=10', /component-shutdown-deadline: /],
    ['--feature.component-shutdown-deadline=0s', /a time above 0, found "0s"/],
    ['--server.http.ui-path-prefix=/a b', /takes a path such as \/logstream\//],
    ['--server.http.ui-path-prefix=/a/../b', /takes a path/],
    ['--server.http.ui-path-prefix=/a?b', /takes a path/],
    ['--server.http.listen-adr=x', /Did you mean --server.http.listen-addr/],
  ]
  tap.throws(() => readRunFlags(['--storage.path', '--disable-reporting', 'x']), /argument is ambiguous/)
  for (const [flag, message] of cases)
    tap.throws(() => readRunFlags([flag]), { code: 'BAD_USAGE', message }, flag)
  tap.end()
})

void t.test('prefixes of the page', (tap) => {
  for (const [given, prefix] of [
    ['', '/'],
    ['/', '/'],
    ['a', '/a/'],
    ['/a/b/', '/a/b/'],
    ['//a', '/a/'],
  ] as const)
    tap.equal(readRunFlags([`--server.http.ui-path-prefix=${given}`]).uiPrefix, prefix)
  tap.equal(readRunFlags([]).uiPrefix, '/')
  tap.ok(Object.keys(RUN_FLAGS).length > 30)
  tap.end()
})
