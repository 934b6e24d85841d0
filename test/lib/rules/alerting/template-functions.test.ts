/** Functions of templates: what Prometheus' own expander made of the same texts. */
import t from 'tap'
import { compileText, expand } from '../../../../lib/rules/alerting/template.ts'

const SUBJECT = {
  labels: { app: 'web app', instance: 'web-1.example.org:9100' },
  externalLabels: { cluster: 'c1' },
  externalUrl: 'http://ruler.example/base',
  value: 1767571200.123,
}

const made = (text: string): string => expand(compileText(text), SUBJECT)

void t.test('texts', (tap) => {
  for (const [text, expected] of [
    ['urlQueryEscape "it\'s (a*b)!"', 'it%27s+%28a%2Ab%29%21'],
    ['title "hello world-foo o\'neil x_y"', "Hello World-Foo O'neil X_y"],
    ['title "http://ruler.example/base"', 'Http://Ruler.example/Base'],
    ['title "UPPER low 9th ǆ"', 'UPPER Low 9Th ǅ'],
    ['toUpper "éß ñ"', 'Éß Ñ'],
    ['toLower "İı"', 'iı'],
    ['stripPort .Labels.instance', 'web-1.example.org'],
    ['stripDomain .Labels.instance', 'web-1:9100'],
  ] as const)
    tap.equal(made(`{{ ${text} }}`), expected, text)
  tap.end()
})

void t.test('numbers and times', (tap) => {
  for (const [text, expected] of [
    ['toDuration 0.00012345', '123.449µs'],
    ['humanizeDuration (toDuration 90)', '1m 30s'],
    ['parseDuration "-0s"', '0'],
    ['parseDuration "-1d"', '-86400'],
    ['humanizeTimestamp $value', '2026-01-05 00:00:00.122 +0000 UTC'],
    ['(toTime $value).Unix', '1767571200'],
  ] as const)
    tap.equal(made(`{{ ${text} }}`), expected, text)
  tap.end()
})

void t.test('a label that is not there is empty, also once the labels were walked over', (tap) => {
  tap.equal(made('{{ range $k, $v := $labels }}{{ $k }} {{ end }}[{{ $labels.missing }}]'), 'app instance []')
  tap.equal(made('[{{ and "a" .Labels.missing }}{{ index $labels "missing" }}]'), '[]')
  tap.match(made('{{ .labels }}'), /can't evaluate field labels: there are Labels, /)
  tap.end()
})
