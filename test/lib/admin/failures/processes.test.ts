import t from 'tap'
import { Processes } from '../../../../lib/admin/failures/processes.ts'
import { adminService } from '../../../support/admin-service.ts'

const CONFIG = `
logging { level = "error" }
loki.source.file "a" {
	targets    = [{__path__ = "/none/a", job = "a"}, {__path__ = "/none/b", job = "b", zone = "1"}]
	forward_to = [loki.relabel.r.receiver]
}
loki.relabel "r" {
	forward_to = [loki.process.first.receiver]
	rule { target_label = "x" }
}
loki.process "first" { forward_to = [loki.process.second.receiver, loki.echo.out.receiver] }
loki.process "second" { forward_to = [loki.echo.out.receiver] }
loki.source.file "c" {
	targets    = [{__path__ = "/none/c", job = "c"}]
	forward_to = [loki.process.other.receiver]
}
loki.process "other" { forward_to = [loki.echo.out.receiver] }
loki.echo "out" { }
`

void t.test('labels point to the source, and the source to its process', async (tap) => {
  const { service } = await adminService(tap.testdir(), CONFIG)
  tap.teardown(() => service.stop())
  const processes = new Processes(service.supervisor.details())
  const of = (labels: Record<string, string>): string | undefined => processes.of(labels)
  tap.equal(of({ job: 'a', parse_status: 'failed' }), 'loki.process.first')
  tap.equal(of({ job: 'c', more: '1' }), 'loki.process.other')
  tap.equal(of({ job: 'unknown' }), of({}), 'the first one, where labels do not tell')
  tap.same(
    processes.chain('loki.process.first').map(({ id }) => id),
    ['loki.process.first', 'loki.process.second'],
  )
  tap.same(processes.chain('loki.echo.out'), [])
  tap.same(processes.chain(undefined), [])
})
