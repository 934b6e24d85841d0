import t from 'tap'
import type { ComponentStatus, PageStatus } from '../../../lib/page/status.ts'
import { flowDrawing } from '../../../page/account/flow-layout.ts'

const component = (fullId: string, forwardTo: string[], sent: number): ComponentStatus => ({
  fullId,
  name: fullId,
  health: { state: 'healthy', message: '', since: 0, dead: false },
  forwardTo,
  sent,
  waitedMs: [],
  dropped: 0,
  endpoints: [],
})

function status(ledger: Partial<PageStatus['ledger']>, components: ComponentStatus[]): PageStatus {
  const notes = { adopted: 0, torn: 0, unsaved: 0, skipped: 0 }
  return {
    version: '0',
    now: 0,
    server: 'agent',
    components,
    ledger: { read: 0, inFlight: 0, rows: [], notes, ...ledger },
    sources: [],
    support: false,
  }
}

void t.test('from sources to sinks, with the reasons between', (tap) => {
  const drawing = flowDrawing(
    status(
      {
        read: 1000,
        inFlight: 10,
        rows: [
          { state: 'dropped', reason: 'drop_stage', units: 90 },
          { state: 'delivered', reason: '', units: 880 },
          { state: 'dead_lettered', reason: 'too old', units: 20 },
          { state: 'spooled', reason: '', units: 0 },
        ],
      },
      [
        component('m/src.a', ['p'], 750),
        component('src.b', ['p'], 250),
        component('src.idle', ['p'], 0),
        component('p', ['sink.one', 'sink.two'], 900),
        component('sink.one', [], 0),
        component('sink.two', [], 0),
        component('local.file', [], 0),
      ],
    ),
  )!
  tap.same(
    drawing.boxes.map(({ name, count, x }) => [x / 270, name, count]),
    [
      [0, 'src.a', 750],
      [0, 'src.b', 250],
      [1, 'read', 1000],
      [2, 'delivered', 880],
      [2, 'dropped: drop_stage', 90],
      [2, 'dead letter: too old', 20],
      [2, 'in flight', 10],
      [3, 'sink.one', 900],
      [3, 'sink.two', 900],
    ],
  )
  tap.equal(drawing.bands.length, 2 + 4 + 2 * 2)
  const [a, b] = drawing.boxes
  tap.equal(a!.height, 3 * b!.height)
  tap.ok(
    drawing.boxes.every(({ y, height }) => y >= 0 && y + height <= drawing.height),
    'all within the drawing',
  )
  for (const column of [0, 1, 2, 3]) {
    const boxes = drawing.boxes.filter(({ x }) => x === column * 270)
    tap.ok(
      boxes.every(({ y }, i) => i === 0 || y >= boxes[i - 1]!.y + 38),
      'labels have room',
    )
  }
  tap.end()
})

void t.test('without a line there is nothing to draw', (tap) => {
  tap.equal(flowDrawing(status({}, [])), undefined)
  tap.ok(flowDrawing(status({ read: 5, inFlight: 5 }, [])), 'without sources and sinks there is')
  tap.end()
})
