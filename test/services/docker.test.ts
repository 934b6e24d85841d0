/** `discovery.docker` and `loki.source.docker` on a real Docker engine: no line lost and none twice. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { noDocker, startDockerd, type Dockerd } from '../support/dockerd.ts'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

const KILLS = 12

const config = (host: string, loki: FakeLoki): string => `
discovery.docker "all" {
	host = "${host}"
}

discovery.relabel "all" {
	targets = discovery.docker.all.targets

	rule {
		source_labels = ["__meta_docker_container_name"]
		regex         = "/(.*)"
		target_label  = "container"
	}
}

loki.relabel "stream" {
	forward_to = []

	rule {
		source_labels = ["__meta_docker_container_log_stream"]
		target_label  = "stream"
	}
}

loki.source.docker "all" {
	host          = "${host}"
	targets       = discovery.relabel.all.output
	labels        = {job = "docker"}
	relabel_rules = loki.relabel.stream.rules
	forward_to    = [loki.write.out.receiver]
}

loki.write "out" {
	endpoint {
		url        = "${loki.pushUrl}"
		batch_wait = "50ms"
	}
}
`

interface Setup {
  readonly loki: FakeLoki
  /** The arguments of the command. */
  readonly args: readonly string[]
  readonly lines: (container: string) => string[]
}

async function setup(tap: Test, dockerd: Dockerd): Promise<Setup> {
  const folder = tap.testdir({})
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  writeFileSync(join(folder, 'config.alloy'), config(dockerd.host, loki))
  return {
    loki,
    args: [
      'run',
      join(folder, 'config.alloy'),
      '--server.http.listen-addr=',
      `--storage.path=${join(folder, 'data')}`,
    ],
    lines: (container) =>
      loki
        .entries()
        .filter(({ labels }) => labels.includes(`container="${container}"`))
        .map(({ line }) => line),
  }
}

const skip = noDocker()

void t.test('containers of a real engine', { skip, timeout: 300_000 }, async (tap) => {
  const dockerd = await startDockerd()
  tap.teardown(() => dockerd.close())

  await tap.test(
    'stdout and stderr, a TTY, 40 kB lines, one without an end, and what they are labelled',
    async (tap) => {
      const { loki, args, lines } = await setup(tap, dockerd)
      const service = startCommand(args)
      tap.teardown(() => service.child.kill('SIGKILL'))
      await service.said('msg=running')
      const long = 'head -c 40000 /bin/busybox | tr -c "a" "x"'
      await dockerd.start('plain', `echo out; echo err >&2; ${long}; echo; printf end`)
      await dockerd.start('tty', `echo first; ${long}; echo; echo last`, '-t')
      await loki.waitFor(7)
      const shape = (container: string): string[] =>
        lines(container)
          .map((line) => (line.length > 100 ? `${line.length} characters` : line))
          .sort()
      tap.strictSame(shape('plain'), ['40000 characters', 'end', 'err', 'out'])
      tap.strictSame(shape('tty'), ['40000 characters', 'first', 'last'])
      tap.ok(
        loki
          .entries()
          .some(
            ({ line, labels }) =>
              line === 'err' && labels === '{container="plain", job="docker", stream="stderr"}',
          ),
      )
      tap.equal(await service.end('SIGTERM'), 0)
      await dockerd.docker('rm', '-f', 'plain', 'tty')
    },
  )

  await tap.test('a container recreated under its name, and one that is started again', async (tap) => {
    const { loki, args, lines } = await setup(tap, dockerd)
    const service = startCommand(args)
    tap.teardown(() => service.child.kill('SIGKILL'))
    await service.said('msg=running')
    await dockerd.start('app', 'i=0; while [ $i -lt 50 ]; do echo old $i; i=$((i+1)); done; sleep 600')
    await loki.waitFor(50)
    await dockerd.docker('rm', '-f', 'app')
    await dockerd.start('app', 'echo new')
    await loki.waitFor(51)
    await dockerd.docker('start', 'app')
    await loki.waitFor(52)
    tap.strictSame(lines('app').slice(-2), ['new', 'new'])
    tap.equal(lines('app').length, 52)
    tap.equal(await service.end('SIGTERM'), 0)
    await dockerd.docker('rm', '-f', 'app')
  })

  await tap.test(`kill -9, ${KILLS} times, while three containers write`, async (tap) => {
    const { loki, args, lines } = await setup(tap, dockerd)
    const names = ['w1', 'w2', 'w3']
    const writes = (name: string): string =>
      `i=0; while [ $i -lt 4000 ]; do echo ${name} out $i; echo ${name} err $i >&2; i=$((i+1)); [ $((i % 20)) -eq 0 ] && usleep 50000; done; sleep 600`
    for (const [i, name] of names.entries())
      await dockerd.start(name, writes(name), ...(i === 2 ? ['-t'] : []))
    for (let round = 0; round < KILLS; round++) {
      const service = startCommand(args)
      await service.said('msg=running')
      await sleep(100 + ((round * 137) % 900))
      await service.end('SIGKILL')
    }
    const last = startCommand(args)
    tap.teardown(() => last.child.kill('SIGKILL'))
    // All lines may have arrived in the lives before.
    await last.said('msg=running')
    const all = names.length * 8000
    const distinct = (): number => new Set(loki.entries().map(({ line }) => line)).size
    await loki.waitUntil(() => distinct() === all)
    const twice = loki.entries().length - distinct()
    tap.comment(`${all} lines in ${KILLS + 1} lives: ${all - distinct()} lost, ${twice} sent twice`)
    for (const name of names) tap.equal(new Set(lines(name)).size, 8000, name)
    // What was in flight at a kill comes again, with its first time, which a real Loki stores once.
    tap.ok(twice < all / 2, `${twice} sent twice`)
    tap.equal(await last.end('SIGTERM'), 0)
    const restarted = startCommand(args)
    await restarted.said('msg=running')
    const before = loki.entries().length
    await dockerd.start('after', 'echo after')
    await loki.waitUntil(() => lines('after').length === 1)
    tap.equal(loki.entries().length, before + 1, 'after a clean stop nothing is read again')
    await restarted.end('SIGTERM')
  })
})
