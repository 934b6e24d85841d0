/** Levels as Loki detects them. */
import t from 'tap'
import { detectLevel, levelOfLabels, levelOfLine } from '../../../lib/store/levels.ts'

void t.test('of a line', (t) => {
  const cases: readonly (readonly [line: string, level: string])[] = [
    ['', 'unknown'],
    ['nothing', 'unknown'],
    ['plain error here', 'error'],
    ['ERROR [main] failed', 'error'],
    ['[warning] careful', 'warn'],
    ['a fatal info', 'fatal'],
    ['info before error', 'info'],
    ['misc:error', 'unknown'],
    ['errors', 'unknown'],
    ['an err: no', 'error'],
    ['Internal error|FAILED', 'unknown'],
    ['terror', 'unknown'],
    ['lvl=dbg x', 'debug'],
    ['LEVEL=Warn msg=x', 'warn'],
    ['level=weird msg="an error"', 'error'],
    ['a="b" level=info error', 'info'],
    ['{"level":"warning","msg":"x"}', 'warn'],
    ['  {"a":{"severity":"ERR"}}\n', 'error'],
    ['{"a":{"b":{"level":"error"}}}', 'error'],
    ['{"a":{"b":{"level":"dbg"}}}', 'unknown'],
    ['{"level":3}', 'unknown'],
    ['{"level":"info"', 'info'],
    ['{"level":"warn"}}', 'warn'],
    ['{"lvl":"info","level":"error"}', 'info'],
    ['{"level":"trc","level":"error"}', 'trace'],
    ['{"level":"\\u0065rror"}', 'unknown'],
    ['lvl=info level=error', 'error'],
    ['lvl=info msg="cut off', 'info'],
    ['{broken info }', 'info'],
    ['critical', 'critical'],
    ['(trace)', 'trace'],
  ]
  for (const [line, level] of cases) t.equal(levelOfLine(line), level, line)
  t.end()
})

void t.test('metadata and labels come before the line', (t) => {
  const labels = (pairs: Record<string, string>): string | undefined => levelOfLabels((name) => pairs[name])
  t.equal(labels({}), undefined)
  t.equal(labels({ level: '' }), undefined)
  t.equal(labels({ severity: 'WRN', level: 'Info' }), 'info', 'in the order of the list')
  t.equal(labels({ level: 'Strange' }), 'Strange', 'unknown words are kept')
  const cases: readonly (readonly [from: string | undefined, metadata: [string, string][], level: string])[] =
    [
      [undefined, [], 'error'],
      ['debug', [], 'debug'],
      ['debug', [['level', 'info']], 'debug'],
      ['debug', [['detected_level', 'WARNING']], 'warn'],
      [undefined, [['log_level', 'INF']], 'error'],
      [undefined, [['severity_number', '9'.repeat(20)]], 'info'],
      [undefined, [['severity_number', '13']], 'warn'],
      [undefined, [['severity_number', '0']], 'unknown'],
      [undefined, [['severity_number', '24']], 'fatal'],
      [undefined, [['severity_number', '25']], 'unknown'],
      [
        undefined,
        [
          ['severity_number', '5'],
          ['severity_text', 'Fatal'],
        ],
        'fatal',
      ],
      [undefined, [['trace_id', 'x']], 'error'],
    ]
  for (const [from, metadata, level] of cases)
    t.equal(detectLevel(from, metadata, 'an error'), level, JSON.stringify([from, metadata]))
  t.end()
})
