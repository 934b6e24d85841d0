import t from 'tap'
import { isLabelName, labelNameOf } from '../../../../lib/logql/syntax/label-names.ts'

void t.test('keys as names', (tap) => {
  for (const [key, name] of [
    ['a_B9', 'a_B9'],
    ['a.b-c', 'a_b_c'],
    ['9e', '_9e'],
    [' x y ', 'x_y'],
    ['größe', 'gr__e'],
    ['😀', '_'],
    ['  ', ''],
    ['', ''],
  ] as const)
    tap.equal(labelNameOf(key), name, JSON.stringify(key))
  for (let i = 0; i < 3000; i++) labelNameOf(`k.${i}`)
  tap.equal(labelNameOf('k.1'), 'k_1', 'also after many others')
  tap.same([isLabelName('größe'), isLabelName(''), isLabelName('\ud800')], [true, false, false])
  tap.end()
})
