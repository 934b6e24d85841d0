import fc from 'fast-check'
import t from 'tap'
import { piecesOf } from '../../../page/text/ansi.ts'

const told = (text: string) => piecesOf(text).map(({ text: each, style }) => [each, { ...style }])

void t.test('colours and styles', (tap) => {
  tap.same(told('plain'), [['plain', {}]])
  tap.same(told('a\u001b[31mb\u001b[0mc'), [
    ['a', {}],
    ['b', { colour: 1 }],
    ['c', {}],
  ])
  tap.same(told('\u001b[1;92;44mx'), [['x', { bold: true, colour: 10, background: 4 }]])
  tap.same(told('\u001b[38;5;208mx\u001b[48;2;1;2;300my'), [
    ['x', { colour: 'rgb(255 135 0)' }],
    ['y', { colour: 'rgb(255 135 0)', background: 'rgb(1 2 44)' }],
  ])
  tap.same(told('\u001b[38;5;244mx')[0]![1], { colour: 'rgb(128 128 128)' })
  tap.same(told('\u001b[31ma\u001b[mx').at(-1), ['x', {}], 'no number is a zero')
  tap.end()
})

void t.test('escape sequences other than styles are left out', (tap) => {
  tap.equal(
    piecesOf('a\u001b[2Jb\u001b]0;title\u0007c\u001b]8;;http://x\u001b\\d')
      .map((piece) => piece.text)
      .join(''),
    'abcd',
  )
  tap.end()
})

void t.test('no text is lost or invented', (tap) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constant('\u001b[31m'), fc.constant('\u001b[0m'))),
      (parts) => {
        const text = parts
          .map((part) => (part.startsWith('\u001b[') ? part : part.replaceAll('\u001b', '')))
          .join('')
        const plain = text.replaceAll(/\u001b\[(?:31|0)m/g, '')
        return (
          piecesOf(text)
            .map((piece) => piece.text)
            .join('') === plain
        )
      },
    ),
  )
  tap.end()
})
