import t from 'tap'
import { createLogger, SILENT, type LogSettings } from '../../../lib/telemetry/log.ts'

void t.test('lines by level, with the fields of the logger; settings change in place', (tap) => {
  const lines: string[] = []
  const settings: LogSettings = { level: 'info', format: 'logfmt' }
  const log = createLogger(
    settings,
    (line, level) => lines.push(`${level}: ${line.replace(/^ts=\S+ /, '')}`),
    { a: '1' },
  )
  const inner = log.with({ b: 2 })
  inner.debug('no')
  inner.info('hello there', { c: true, d: undefined })
  log.error('bad', { a: 'own' })
  settings.level = 'debug'
  inner.debug('yes')
  settings.level = 'error'
  log.warn('no')
  settings.format = 'json'
  log.error('last')
  tap.same(lines.slice(0, 3), [
    'info: level=info msg="hello there" a=1 b=2 c=true',
    'error: level=error msg=bad a=own',
    'debug: level=debug msg=yes a=1 b=2',
  ])
  tap.match(JSON.parse(lines[3]!.slice('error: '.length)), { level: 'error', msg: 'last', a: '1' })
  SILENT.error('nothing happens')
  tap.equal(lines.length, 4)
  tap.end()
})

void t.test('warnings and errors are told of at every level', (tap) => {
  const told: unknown[] = []
  const lines: string[] = []
  const log = createLogger(
    {
      level: 'error',
      format: 'logfmt',
      onProblem: (level, message, fields) => told.push([level, message, fields]),
    },
    (line) => lines.push(line),
    { a: '1' },
  )
  log.info('no')
  log.warn('careful', { b: 2 })
  log.error('bad')
  tap.same(told, [
    ['warn', 'careful', { a: '1', b: 2 }],
    ['error', 'bad', { a: '1' }],
  ])
  tap.equal(lines.length, 1)
  tap.end()
})
