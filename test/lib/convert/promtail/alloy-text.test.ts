import fc from 'fast-check'
import t from 'tap'
import { isIdentifier } from '../../../../lib/alloy/scanner.ts'
import {
  attribute,
  block,
  blockUnlessEmpty,
  expression,
  fileText,
  labelOf,
  listAttribute,
  mapAttribute,
  sizeAttribute,
  timeAttribute,
} from '../../../../lib/convert/promtail/alloy-text.ts'

void t.test('writes a file in canonical form', async (t) => {
  const text = fileText([
    block(
      'loki.x',
      [
        attribute('name', 'a"b'),
        attribute('left_out', 5, 5),
        attribute('number', 1e21),
        timeAttribute('wait', 90e9, 0),
        sizeAttribute('size', 1536, 0),
        listAttribute('list', ['a', 1]),
        mapAttribute(
          'map',
          new Map([
            ['b c', undefined],
            ['a', 'x'],
          ]),
        ),
        blockUnlessEmpty('inner', [undefined]),
        block('empty', []),
        expression('to', '[a.b.c]'),
      ],
      'label',
    ),
  ])
  t.equal(
    text,
    `loki.x "label" {
	name   = "a\\"b"
	number = 1000000000000000000000
	wait   = "1m30s"
	size   = "1KiB512B"
	list   = ["a", 1]
	map    = {
		a     = "x",
		"b c" = null,
	}

	empty { }
	to = [a.b.c]
}
`,
  )
  t.equal(fileText([undefined]), '')
})

void t.test('labels are made of letters, digits and underscores', async (t) => {
  const table = [
    ['system', 'system'],
    ['a-b.c d', 'a_b_c_d'],
    ['1st', '_1st'],
    ['täst', 'täst'],
    ['true', 'true_'],
    ['💥', '_'],
  ]
  for (const [from = '', to] of table) t.equal(labelOf(from), to)
  fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => isIdentifier(labelOf(name))))
})
