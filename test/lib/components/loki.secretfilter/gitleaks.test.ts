/** Rules from files in the format of gitleaks. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readGitleaks } from '../../../../lib/components/loki.secretfilter/gitleaks.ts'
import { builtInRules } from '../../../../lib/components/loki.secretfilter/rules.ts'
import { refusal } from '../../../support/stage-run.ts'

const FILE = `
title = "own"

[[rules]]
id = "ours"
description = "Tokens of ours"
regex = '''our_([a-z]{8})'''
secretGroup = 1
entropy = 2
keywords = ["our_"]
tags = ["x"]

  [[rules.allowlists]]
  condition = "AND"
  regexTarget = "line"
  regexes = ["demo"]
  stopwords = ["example"]

  [rules.allowlist]
  paths = ["vendor/"]

[[rules]]
id = "files"
path = "secrets\\\\.txt"

[[rules]]
id = "part"
regex = "x"
skipReport = true

[[allowlists]]
targetRules = ["ours"]
regexes = ["^our_test"]

[allowlist]
commits = ["abc"]
stopwords = ["dummy"]
`

void t.test('rules and allowlists, as far as they are about lines', (t) => {
  const path = join(t.testdir({ 'g.toml': FILE }), 'g.toml')
  const list = { target: 'secret', regexes: [], stopwords: [], all: false }
  t.same(readGitleaks(path), {
    rules: [
      {
        id: 'ours',
        regex: 'our_([a-z]{8})',
        secretGroup: 1,
        entropy: 2,
        keywords: ['our_'],
        allowlists: [{ target: 'line', regexes: ['demo'], stopwords: ['example'], all: true }],
      },
    ],
    allowlists: [
      { ...list, regexes: ['^our_test'], rules: ['ours'] },
      { ...list, stopwords: ['dummy'] },
    ],
  })
  t.end()
})

void t.test('a file extends the built-in rules or another file', (t) => {
  const folder = t.testdir({
    'base.toml': '[[rules]]\nid = "a"\nregex = "a"\nkeywords = ["a"]\n[[rules]]\nid = "b"\nregex = "b"\n',
    'default.toml': '[extend]\nuseDefault = true\ndisabledRules = ["password"]\n',
  })
  const base = join(folder, 'base.toml')
  writeFileSync(
    join(folder, 'own.toml'),
    `[extend]\npath = '${base}'\ndisabledRules = ["b"]\n[[rules]]\nid = "a"\nentropy = 3\nkeywords = ["A2"]\n[[rules]]\nid = "c"\nregex = "c"\n`,
  )
  const own = readGitleaks(join(folder, 'own.toml'))
  t.match(own.rules, [
    { id: 'a', regex: 'a', entropy: 3, keywords: ['a', 'A2'] },
    { id: 'c', regex: 'c' },
  ])
  t.equal(own.rules.length, 2)
  const { rules } = readGitleaks(join(folder, 'default.toml'))
  t.same(
    rules,
    builtInRules.rules.filter(({ id }) => id !== 'password'),
  )
  t.end()
})

void t.test('a file that extends itself ends', (t) => {
  const path = join(t.testdir({ 'g.toml': '' }), 'g.toml')
  writeFileSync(path, `[extend]\npath = '${path}'\n[[rules]]\nid = "a"\nregex = "a"\n`)
  t.same(
    readGitleaks(path).rules.map(({ id }) => id),
    ['a'],
  )
  t.end()
})

void t.test('files that cannot be used', (t) => {
  for (const text of [
    'not toml',
    '[[rules]]\nregex = "x"\n',
    'rules = 3\n',
    'rules = [3]\n',
    '[[rules]]\nid = "a"\nregex = "a"\nkeywords = "k"\n',
    '[[rules]]\nid = "a"\nregex = "a"\nentropy = "high"\n',
    '[[allowlists]]\nregexes = ["a"]\nregexTarget = "file"\n',
    '[[allowlists]]\nregexes = ["a"]\ncondition = "XOR"\n',
  ]) {
    const path = join(t.testdir({ 'g.toml': text }), 'g.toml')
    t.equal(
      refusal(() => readGitleaks(path)),
      'BAD_CONFIG gitleaks_config',
      text,
    )
  }
  t.equal(
    refusal(() => readGitleaks('/nowhere/g.toml')),
    'IO gitleaks_config',
  )
  t.end()
})
