/** Elastic columns, as Go's text/tabwriter makes them for `alloy fmt`. */
import t from 'tap'
import { Columns } from '../../../lib/alloy/columns.ts'

/** Lines of cells parted by `|`; a line `>x` is indented, `.` ends the columns. */
function align(...lines: readonly string[]): string {
  const columns = new Columns()
  for (const [at, line] of lines.entries()) {
    const [, indent, rest, final] = /^(>*)(.*?)(\.?)$/.exec(line)!
    for (let i = 0; i < indent!.length; i++) columns.tab(true)
    for (const [i, cell] of rest!.split('|').entries()) {
      if (i > 0) columns.tab(false)
      columns.text(cell)
    }
    if (at + 1 < lines.length) columns.line(final === '.')
  }
  return columns.finish()
}

void t.test('a column is as wide as the widest of the lines next to each other', (tap) => {
  const cases: [string, string[], string][] = [
    ['two columns', ['a|= 1', 'bcd|= 2'], 'a   = 1\nbcd = 2'],
    ['a line without the column ends it', ['a|1', '', 'bcd|2'], 'a 1\n\nbcd 2'],
    ['a line end that is final, too', ['a|1.', 'bcd|2'], 'a 1\nbcd 2'],
    ['the last cell of a line belongs to no column', ['a|1', 'b', 'ccc|1'], 'a 1\nb\nccc 1'],
    ['indentation is by tabs', ['>a|1', '>bcd|2'], '\ta   1\n\tbcd 2'],
    ['deeper lines do not widen it', ['a|1', '>bcd|2'], 'a 1\n\tbcd 2'],
    ['characters count, not their bytes or units', ['\u{1F600}|1', 'ab|2'], '\u{1F600}  1\nab 2'],
    ['three columns', ['a|b|c', 'aa|bbb|c', 'a|b'], 'a  b   c\naa bbb c\na  b'],
  ]
  for (const [name, lines, expected] of cases) tap.equal(align(...lines), expected, name)
  tap.end()
})

void t.test('blanks vanish where a line ends, text never does', (tap) => {
  const columns = new Columns()
  tap.ok(columns.isEmpty)
  columns.text('a  ')
  tap.notOk(columns.isEmpty)
  columns.blank()
  columns.line(false)
  columns.text('b')
  columns.blank()
  columns.text('c')
  columns.blank()
  tap.equal(columns.finish(), 'a  \nb c')
  tap.end()
})
