/** The ruler's HTTP API, as Loki has it: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ruler. */
import { messageOf } from '../../errors.ts'
import { writeYaml } from '../../go/yaml/write.ts'
import { readBody } from '../../loki/body.ts'
import { json, text, type Answer, type Handler, type Request, type Route } from '../../net/server/router.ts'
import { problemText } from '../file/problems.ts'
import { readGroup } from '../file/read-rules.ts'
import { namespaceProblem, plainGroups, plainOfText } from '../rule-folder.ts'
import type { Ruler } from '../ruler.ts'
import { alertsAnswer, ruleFilter, rulesAnswer } from './prometheus.ts'

/** Loki's address of rules, and that of its forerunner, which Grafana calls. */
const ROOTS = ['/loki/api/v1/rules', '/api/prom/rules'] as const

const MAX_BODY = 1024 * 1024

const NO_RULES = 'no rule groups found'
const OFF =
  'rules are changed in their files only: set enable_api = true in the rules block to allow it over HTTP'

/** `ruler` returns the one to ask, or `undefined` where no rules are configured. */
export function ruleRoutes(ruler: () => Ruler | undefined): Route[] {
  const asked =
    (handle: (ruler: Ruler, request: Request) => Answer | Promise<Answer>): Handler =>
    (request) => {
      const found = ruler()
      return found === undefined ? text(404, NO_RULES) : handle(found, request)
    }
  return [
    { methods: ['GET'], path: '/prometheus/api/v1/rules', handle: ({ query }) => rules(ruler(), query) },
    {
      methods: ['GET'],
      path: '/prometheus/api/v1/alerts',
      handle: () => json(200, alertsAnswer(ruler()?.groups() ?? [])),
    },
    ...ROOTS.flatMap((root): Route[] => [
      { methods: ['GET'], path: root, handle: asked((of) => listed(of, of.namespaces)) },
      {
        methods: ['GET'],
        path: `${root}/*`,
        handle: asked((of, request) => read(of, namesIn(root, request))),
      },
      {
        methods: ['POST'],
        path: `${root}/*`,
        handle: asked((of, request) => changed(of, request, root, setGroup)),
      },
      {
        methods: ['DELETE'],
        path: `${root}/*`,
        handle: asked((of, request) => changed(of, request, root, remove)),
      },
    ]),
  ]
}

function rules(ruler: Ruler | undefined, query: URLSearchParams): Answer {
  const filter = ruleFilter(query)
  if (typeof filter === 'string')
    return json(400, { status: 'error', data: null, errorType: 'bad_data', error: filter })
  return json(200, rulesAnswer(ruler?.groups() ?? [], filter))
}

/** What a path names after its root. */
interface Names {
  readonly namespace: string
  readonly group: string | undefined
}

// path = root "/" namespace [ "/" group ], both escaped
function namesIn(root: string, { path }: Request): Names | undefined {
  const parts = path.slice(root.length + 1).split('/')
  if (parts.length > 2) return undefined
  try {
    const [namespace = '', group] = parts.map((part) => decodeURIComponent(part))
    return namespace === '' ? undefined : { namespace, group: group === '' ? undefined : group }
  } catch {
    return undefined
  }
}

function listed(ruler: Ruler, namespaces: readonly string[]): Answer {
  const found = namespaces.flatMap((name) => {
    const groups = plainGroups(ruler.textOf(name) ?? '')
    return groups.length === 0 ? [] : [[name, groups] as const]
  })
  return found.length === 0 ? text(404, NO_RULES) : yaml(Object.fromEntries(found))
}

function read(ruler: Ruler, names: Names | undefined): Answer {
  if (names === undefined) return text(404, NO_RULES)
  const { namespace, group } = names
  if (group === undefined) return listed(ruler, [namespace])
  const found = plainGroups(ruler.textOf(namespace) ?? '').find(({ name }) => name === group)
  return found === undefined ? text(404, `group does not exist`) : yaml(found)
}

async function changed(
  ruler: Ruler,
  request: Request,
  root: string,
  change: (ruler: Ruler, names: Names, request: Request) => Promise<Answer>,
): Promise<Answer> {
  if (!ruler.enableApi) return text(403, OFF)
  const names = namesIn(root, request)
  if (names === undefined) return text(404, `expected ${root}/NAMESPACE or ${root}/NAMESPACE/GROUP`)
  try {
    return await change(ruler, names, request)
  } catch (error) {
    return text(500, `the rules cannot be written: ${messageOf(error)}`)
  }
}

async function setGroup(ruler: Ruler, { namespace, group }: Names, { raw }: Request): Promise<Answer> {
  const problem = group === undefined ? namespaceProblem(namespace) : 'a group is sent to its namespace'
  if (problem !== undefined) return text(400, problem)
  const body = await readBody(raw, MAX_BODY)
  if (!body.ok) return text(body.status, body.message)
  const given = body.bytes.toString('utf8')
  const { groups, problems } = readGroup('body', given)
  if (problems.length > 0) return text(400, problems.map(problemText).join('\n'))
  const { name } = groups[0]!
  const before = plainGroups(ruler.textOf(namespace) ?? '')
  const at = before.findIndex((each) => each['name'] === name)
  const next = plainOfText(given)
  await ruler.write(namespace, at < 0 ? [...before, next] : before.with(at, next))
  return accepted()
}

async function remove(ruler: Ruler, { namespace, group }: Names): Promise<Answer> {
  const before = plainGroups(ruler.textOf(namespace) ?? '')
  const left = group === undefined ? [] : before.filter(({ name }) => name !== group)
  if (ruler.textOf(namespace) === undefined) return text(404, 'namespace does not exist')
  if (left.length === before.length && group !== undefined) return text(404, 'group does not exist')
  await ruler.write(namespace, left)
  return accepted()
}

function accepted(): Answer {
  return json(202, { status: 'success', data: null, errorType: '', error: '' })
}

function yaml(value: unknown): Answer {
  return { status: 200, type: 'application/yaml', body: writeYaml(value) }
}
