import t from 'tap'
import { masked, redacted } from '../../../lib/admin/hidden-parts.ts'

const CONFIG = `// the old password was planted-comment
logging { level = "debug" }
http {
  auth {
    basic {
      username = "admin"
      password = "planted-basic"
    }
  }
}
declare "pipe" {
  argument "key" {
    default = "planted-default"
    comment = "shown"
  }
  loki.process "p" {
    forward_to = []
    stage.replace {
      expression = "(shown)"
      replace    = "also shown"
    }
  }
}
pipe "one" { key = "planted-argument" }
import.string "m" { content = "declare planted-module { }" }
loki.write "default" {
  endpoint {
    url             = "http://me:planted-url@loki:3100/push?token=planted-query&x=1"
    bearer_token    = "planted-" + "bearer"
    headers         = {"X-Key" = "planted-header"}
    http_headers    = {"X-Secret" = ["planted-list", \`planted-raw\`]}
    remote_timeout  = "10s"
    proxy_url       = "http://" + "planted" + ":planted-joined@proxy"
    basic_auth { /* planted-block */
      username      = sys.env("LOKI_USER")
      password      = 12345678
      password_file = "/run/shown"
    }
    no_such_attribute = "planted-unknown"
  }
  external_labels = {host = "shown", token = "planted-label"}
}
remote.http "x" {
  url = string.format("https://%s:%s@host", "planted-user", "planted-format")
}
`

void t.test('only what is declared to be harmless leaves the machine', (tap) => {
  const text = redacted({ name: 'c', text: CONFIG })
  tap.notMatch(text, 'planted')
  tap.notMatch(text, '12345678')
  for (const shown of [
    'username = "admin"',
    'comment = "shown"',
    'expression = "(shown)"',
    'replace    = "also shown"',
    'url             = "http://(secret)@loki:3100/push?token=(secret)&x=1"',
    'remote_timeout  = "10s"',
    'username      = sys.env("LOKI_USER")',
    'password_file = "/run/shown"',
    'external_labels = {host = "shown", token = "(secret)"}',
    'headers         = {"X-Key" = "(secret)"}',
  ])
    tap.match(text, shown)
  tap.match(text, /^\/\/ left out\n/)
  tap.end()
})

void t.test('for messages: stars of the same length, and what people must read stays', (tap) => {
  const { text } = masked({ name: 'c', text: CONFIG })
  tap.equal(text.length, CONFIG.length)
  tap.same(text.split('\n').length, CONFIG.split('\n').length)
  for (const secret of [
    'basic',
    'url',
    'query',
    'bearer',
    'header',
    'list',
    'raw',
    'joined',
    'label',
    'format',
  ])
    tap.notMatch(text, `planted-${secret}`)
  tap.match(text, 'key = "planted-argument"', 'arguments of modules')
  tap.match(text, 'no_such_attribute = "planted-unknown"')
  tap.end()
})

void t.test('a config that cannot be parsed', (tap) => {
  const text = `loki.write "a" {
  endpoint {
    url = "http://u:planted@h"
    password = "planted
    "token" = planted ]
}`
  for (const shown of [redacted({ name: 'c', text }), masked({ name: 'c', text }).text]) {
    tap.notMatch(shown, 'planted')
    tap.match(shown, 'loki.write "a" {')
  }
  tap.equal(redacted({ name: 'c', text: '' }), '')
  tap.end()
})
