import t from 'tap'
import { printDiagnostic } from '../../../../lib/alloy/diagnostic.ts'
import { httpSettings } from '../../../../lib/run/supervise/http-block.ts'
import { Supervisor } from '../../../../lib/run/supervise/supervisor.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import { diskFiles } from '../../../../lib/run/modules/config-files.ts'
import { selfSigned } from '../../../support/certificates.ts'

async function load(text: string): Promise<{ supervisor: Supervisor; said: string[] }> {
  const supervisor = new Supervisor({
    config: () => [{ source: { name: 'c.alloy', text }, modulePath: '/' }],
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    stability: 'generally-available',
    stdlib: new Map(),
    storagePath: undefined,
  })
  return { supervisor, said: (await supervisor.load()).map((found) => printDiagnostic(found)) }
}

void t.test('the block becomes settings of the server', async (tap) => {
  const { certFile, keyFile } = selfSigned(tap.testdir(), 'a')
  const { supervisor, said } = await load(`http {
  auth {
    basic {
      username = "admin"
      password = "hunter2"
    }
    filter { paths = ["/metrics"] }
  }
  tls {
    cert_file         = "${certFile}"
    key_file          = "${keyFile}"
    cipher_suites     = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]
    curve_preferences = ["X25519"]
    min_version       = "TLS13"
  }
}`)
  tap.same(said, [])
  tap.match(httpSettings(supervisor.settings.get('http')), {
    auth: {
      basic: { username: 'admin', password: 'hunter2' },
      filter: { paths: ['/metrics'], authenticateMatchingPaths: true },
    },
    tls: {
      cert_file: certFile,
      key_file: keyFile,
      client_auth_type: 'NoClientCert',
      curve_preferences: ['X25519'],
      min_version: 'TLS13',
    },
  })
})

void t.test('without the block, or parts of it', async (tap) => {
  tap.same(httpSettings(undefined), {})
  const { supervisor, said } = await load('http {\nauth {\nbasic {\nusername = "u"\npassword = "p"\n}\n}\n}')
  tap.same(said, [])
  tap.match(httpSettings(supervisor.settings.get('http')), {
    auth: { basic: { username: 'u', password: 'p' }, filter: undefined },
    tls: undefined,
  })
})

void t.test('mistakes are shown in their place, and nothing is loaded', async (tap) => {
  const cases: [string, RegExp][] = [
    ['cert_file = "/none"', /^c\.alloy:3:3: error: cert_file: cannot read "\/none"/],
    [
      'key_file = "/none"',
      /^c\.alloy:2:1: error: a TLS listener needs a certificate|^c\.alloy:3:3: error: key_file: cannot read/,
    ],
    ['cipher_suites = ["RC4"]', /^c\.alloy:3:20: error: cipher_suites: unknown cipher suite "RC4"/],
    ['curve_preferences = ["P-256"]', /unknown curve "P-256": expected one of CurveP256/],
    ['min_version = "TLS9"', /expected one of .*, found "TLS9"/],
    ['client_auth_type = "Sometimes"', /expected one of "NoClientCert", .*, found "Sometimes"/],
  ]
  for (const [line, message] of cases) {
    const { supervisor, said } = await load(`http {\ntls {\n  ${line}\n}\n}`)
    tap.match(said.join('\n'), message)
    tap.equal(supervisor.settings.size, 0)
  }
})

void t.test('a read-only user needs another one beside it', async (tap) => {
  const user = 'username = "u"\npassword = "p"'
  const both = await load(`http {\nauth {\nbasic {\n${user}\n}\nread_only {\n${user}\n}\n}\n}`)
  tap.same(both.said, [])
  tap.match(httpSettings(both.supervisor.settings.get('http')), {
    auth: { readOnly: { username: 'u', password: 'p' } },
  })
  const { said } = await load(`http {\nauth {\nread_only {\n${user}\n}\n}\n}`)
  tap.match(said[0], /c\.alloy:1:1: error: auth has read_only without basic/)
})

void t.test('validate --alloy says that Alloy has no read-only user', async (tap) => {
  const user = 'username = "u"\npassword = "p"'
  const supervisor = new Supervisor({
    config: () => [
      {
        source: {
          name: 'c.alloy',
          text: `http {\nauth {\nbasic {\n${user}\n}\nread_only {\n${user}\n}\n}\n}`,
        },
        modulePath: '/',
      },
    ],
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    stability: 'generally-available',
    stdlib: new Map(),
    storagePath: undefined,
  })
  const said = (await supervisor.check({ alloyOnly: true })).map((found) => printDiagnostic(found))
  tap.match(said[0], /c\.alloy:7:1: error: Alloy does not have the block "read_only"/)
})
