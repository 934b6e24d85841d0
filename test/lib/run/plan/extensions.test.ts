/** What Alloy does not have is a mistake on demand only, wherever it stands. */
import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

const CONFIG = `
loki.source.stdin "in" { forward_to = [loki.write.plain.receiver] }
loki.write "plain" {
  endpoint { url = "http://localhost:3100/loki/api/v1/push" }
}
loki.write "more" {
  endpoint { url = "grpc://localhost:9095" }
  spool { }
}
declare "unused" {
  loki.source.tcp "t" {
    listen_port = 5140
    forward_to  = []
  }
}
`

void t.test('with --alloy each is told at its place', async (t) => {
  const found = await supervised(t).check(CONFIG, { alloyOnly: true })
  t.match(found.sort(), [
    /^c:11:3 Alloy does not have loki.source.tcp, it is an extension/,
    /^c:2:1 Alloy does not have loki.source.stdin/,
    /^c:7:14 Alloy does not have this value of "url"/,
    /^c:8:3 Alloy does not have the block "spool"/,
  ])
})

void t.test('without it they are good', async (t) => {
  t.same(await supervised(t).check(CONFIG), [])
})
