/** A pod of one container on the stand-in API server: its status and its log, through restarts. */
import type { FakeKubernetes, FakeLog, FakeObject } from './fake-kubernetes.ts'

const PODS = 'api/v1/pods'

const SECOND = 1_000_000_000n
const T0 = 1_795_887_821n * SECOND

interface FakePodOptions {
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  /** More of its spec. */
  readonly spec?: Readonly<Record<string, unknown>>
}

export class FakePod {
  readonly log: FakeLog
  readonly name: string
  readonly uid: string
  readonly #cluster: FakeKubernetes
  #time = T0
  #restarts = 0
  readonly #more: FakePodOptions
  #object: FakeObject | undefined

  /** Starts it. The log of an earlier pod of that name is gone. */
  constructor(cluster: FakeKubernetes, name: string, options: FakePodOptions = {}) {
    this.#cluster = cluster
    this.#more = options
    this.name = name
    this.uid = options.uid ?? `uid-${name}`
    this.log = cluster.log(`shop/${name}`, 'main')
    Object.assign(this.log, { lines: [], previous: [], running: true })
    this.#put({ running: {} })
  }

  get target(): Record<string, string> {
    return {
      __meta_kubernetes_namespace: 'shop',
      __meta_kubernetes_pod_name: this.name,
      __meta_kubernetes_pod_container_name: 'main',
      __meta_kubernetes_pod_uid: this.uid,
    }
  }

  /** Writes lines, `step` nanoseconds apart. */
  write(texts: readonly string[], step = SECOND): void {
    for (const text of texts) this.#cluster.write(this.log, text, (this.#time += step))
  }

  /** The container has ended. */
  exit(exitCode = 0): void {
    this.#put({ terminated: { exitCode, finishedAt: `exit ${this.#restarts}` } })
    this.#cluster.exit(this.log)
  }

  restart(): void {
    this.#restarts++
    this.#put({ running: {} })
    this.#cluster.restart(this.log)
  }

  delete(): void {
    this.#cluster.remove(PODS, this.#object!)
    this.#cluster.exit(this.log)
  }

  #put(state: object): void {
    const { labels, spec } = this.#more
    this.#object = this.#cluster.put(PODS, {
      metadata: { name: this.name, namespace: 'shop', uid: this.uid, labels: { ...labels } },
      spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'web:1' }], ...spec },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        containerStatuses: [
          {
            name: 'main',
            containerID: `containerd://${this.uid}-${this.#restarts}`,
            restartCount: this.#restarts,
            state,
          },
        ],
      },
    })
  }
}
