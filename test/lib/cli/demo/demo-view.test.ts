import t from 'tap'
import { demoBlock, demoLine, type DemoFigures } from '../../../../lib/cli/demo/demo-view.ts'

const figures: DemoFigures = {
  seconds: 7,
  read: 1234,
  delivered: 1230,
  parsed: 990,
  failed: 10,
  inFlight: 4,
  perSecond: 199.6,
  lastFailure: 'x\u001b[2J\ny',
}
const places = {
  config: 'c.alloy',
  log: '/tmp/l',
  url: 'http://127.0.0.1:12345',
  loki: 'none',
  queries: ['logstream query x'],
}

void t.test('the figures, on one line or as a block', (tap) => {
  tap.equal(
    demoLine(figures),
    '7s: 1,234 lines read (200/s), 1,230 delivered, 990 success, 10 failed (1.0 %)',
  )
  tap.match(demoLine({ ...figures, parsed: 0, failed: 0 }), '0 failed (0.0 %)')
  const block = demoBlock(figures, places, 80, false)
  for (const part of [
    '1,234   200/s',
    '1,230   in flight 4',
    'http://127.0.0.1:12345/metrics',
    'c.alloy',
    '/tmp/l',
    'try logstream query x',
  ])
    tap.match(block, part)
  tap.match(block, /^http:\/\/127\.0\.0\.1:12345\/ /, 'the page comes first')
  tap.ok(block.endsWith('\n'), 'redrawing counts its lines')
  tap.end()
})

void t.test('a line of the log cannot move the cursor, and fits', (tap) => {
  const block = demoBlock(figures, places, 80, false)
  tap.notMatch(block, /\u001b/)
  tap.match(block, 'last failure  x [2J y')
  const long = demoBlock({ ...figures, lastFailure: 'z'.repeat(500) }, places, 60, false)
  tap.same(
    long.split('\n').filter((line) => line.length > 60),
    [],
  )
  tap.match(demoBlock({ ...figures, lastFailure: '' }, places, 60, false), 'last failure  none')
  tap.end()
})
