/**
 * Runs the commands of the README and the pages as they stand there. A `sh` block runs line by line with exit status
 * 0, in a folder that holds what the page names; a block whose first line is `# Needs ...` is skipped with that reason.
 * A block without a language right after it is its output: each line is found there in that order, up to a final
 * `...`. A YAML or Alloy block whose first line is a comment with a file name is that file.
 */
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { transactionSource } from '../../lib/generate/transactions.ts'
import { COMMAND, startCommand } from '../support/service.ts'

const shim = `exec "${process.execPath}" "${fileURLToPath(new URL('../support/page-shim.js', import.meta.url))}"`
const logstream = `exec "${process.execPath}" "${COMMAND}" "$@"`

/** What stands in for the programs that the pages call. Most commands of logstream are started without the shim, which takes as long as they do. */
const STAND_INS = {
  logstream: `case "$1" in
    demo) ${logstream} --seconds=0.5 --server.http.listen-addr= ;;
    query) ${logstream} --url "$STORE_URL" ;;
    run) ${shim} run "$@" ;;
    *) ${logstream} ;;
  esac`,
  npm: `${shim} npm "$@"`,
  npx: `${shim} npx "$@"`,
  // `tail -f` would never end.
  tail: 'for each; do shift; [ "$each" = -f ] || set -- "$@" "$each"; done; PATH=/usr/bin:/bin exec tail "$@"',
}
const root = process.cwd()
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'RELEASING.md'],
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

interface Block {
  readonly line: number
  readonly language: string
  readonly text: string
  /** Only a blank line, or none, is between it and the block before. */
  readonly follows: boolean
}

function blocksOf(page: string): Block[] {
  const whole = readFileSync(page, 'utf8')
  let end = 0
  return [...whole.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((match) => {
    const between = whole.slice(end, match.index)
    const prose = between.trim()
    end = match.index + match[0].length
    return {
      line: whole.slice(0, match.index).split('\n').length,
      language: match[1]!,
      text: match[2]!,
      follows: prose === '' || (!prose.includes('\n\n') && prose.endsWith(':')),
    }
  })
}

/** A folder with everything that commands of the pages read, and with the stand-ins first in its PATH. */
function workplace(tap: Test, page: string, address: string): { folder: string; bin: string } {
  const folder = tap.testdir({})
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  for (const [program, script] of Object.entries(STAND_INS)) {
    writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, program), 0o755)
  }
  symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  cpSync(join(root, 'examples/transactions'), folder, { recursive: true })
  const next = transactionSource({ seed: 1, badShare: 0.1 })
  const lines = Array.from({ length: 50 }, () => next(Date.now()))
  writeFileSync(join(folder, 'transactions.log'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'app.log'), 'INFO started\nWARN disk is nearly full\n')
  writeFileSync(
    join(folder, 'promtail.yaml'),
    'clients: [{ url: "http://127.0.0.1:3100/loki/api/v1/push" }]\nscrape_configs:\n- job_name: app\n  static_configs:\n  - targets: [localhost]\n    labels: { job: app, __path__: /var/log/app/*.log }\n',
  )
  for (const { language, text: content } of blocksOf(page)) {
    const [, name] = /^(?:#|\/\/) (\S+\.(?:ya?ml|alloy))$/m.exec(content.split('\n')[0]!) ?? []
    if (name !== undefined && ['yaml', 'alloy'].includes(language))
      writeFileSync(join(folder, name), content.replaceAll('127.0.0.1:3100', address))
  }
  return { folder, bin }
}

async function run(
  command: string,
  folder: string,
  env: Record<string, string>,
): Promise<{ status: number | null; out: string }> {
  const script = `set -o pipefail\nexec 2>&1\n${command}`
  const child = spawn('bash', ['-c', script], { cwd: folder, env: { ...process.env, LOKI_URL: '', ...env } })
  child.stdin.end()
  const [out, status] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { status, out }
}

/** Commands of a block; one that ends with a backslash continues on the next line. */
const commandsOf = (block: Block): string[] =>
  block.text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))

function missing(expected: string, out: string): string[] {
  let at = 0
  return expected
    .split('\n')
    .map((line) => line.trim().replace(/\s*\.\.\.$/, ''))
    .filter((line) => {
      const found = line === '' ? at : out.indexOf(line, at)
      if (found >= 0) at = found
      return found < 0
    })
}

void t.test('the commands of the pages', async (tap) => {
  const store = startCommand([
    'store',
    `--path=${join(tap.testdir({}), 'store')}`,
    '--listen=127.0.0.1:0',
    '--server.http.listen-addr=',
  ])
  tap.teardown(() => store.child.kill('SIGKILL'))
  await store.said('msg=running')
  const [, url = ''] = /url=(http:\/\/127\.0\.0\.1:\d+)/.exec(store.stderr())!
  const address = url.replace('http://', '')
  for (const page of pages) {
    const blocks = blocksOf(page)
    if (!blocks.some(({ language }) => language === 'sh')) continue
    await tap.test(page, async (onPage) => {
      const { folder, bin } = workplace(onPage, page, address)
      const env = {
        PATH: `${bin}:${process.env['PATH']}`,
        STORE_URL: url,
        XDG_STATE_HOME: join(folder, 'state'),
      }
      for (const [i, block] of blocks.entries()) {
        if (block.language !== 'sh') continue
        const [, needs] = /^# (Needs .*)\n/.exec(block.text) ?? []
        const name = `line ${block.line}`
        await onPage.test(name, { skip: needs ?? false }, async (here) => {
          let all = ''
          for (const command of commandsOf(block)) {
            const { status, out } = await run(command.replaceAll('127.0.0.1:3100', address), folder, env)
            here.equal(status, 0, `${command}\n${out}`)
            all += out
          }
          const shown = blocks[i + 1]
          if (shown?.language === '' && shown.follows) here.same(missing(shown.text, all), [], all)
        })
      }
    })
  }
  tap.equal(await store.end('SIGTERM'), 0)
})
