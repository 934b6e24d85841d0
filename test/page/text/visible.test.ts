import t from 'tap'
import { visible } from '../../../page/text/visible.ts'

void t.test('characters that hide or turn others are shown as what they are', (tap) => {
  tap.equal(visible('a\tb\nc'), 'a\tb\nc', 'tabs and line ends stay')
  tap.equal(visible('a\u0000b\u001bc\u007f'), 'a␀b␛c␡')
  tap.equal(visible('x\u202ey\u2066z\u200b\ufeff'), 'x‹U+202E›y‹U+2066›z‹U+200B›‹U+FEFF›')
  tap.equal(visible('\u{e0041}'), '‹U+E0041›')
  tap.equal(visible('שלום 你好 👩 é'), 'שלום 你好 👩 é', 'writing of any kind stays')
  tap.end()
})
