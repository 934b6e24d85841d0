/** What the published schema of Kubernetes says of manifests. */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'

const { kinds, definitions } = JSON.parse(readFileSync('fixtures/schemas/kubernetes.json', 'utf8')) as {
  readonly kinds: Readonly<Record<string, string>>
  readonly definitions: object
}
const ajv = new Ajv({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'k8s', definitions })

/** Returns the schema's errors, `[]` for a valid manifest. */
export function schemaProblems(manifest: { readonly apiVersion: string; readonly kind: string }): unknown {
  const name = kinds[`${manifest.apiVersion} ${manifest.kind}`]
  if (name === undefined) return `unknown kind ${manifest.apiVersion} ${manifest.kind}`
  const validate = ajv.getSchema(`k8s#/definitions/${name}`)!
  return validate(manifest) === true ? [] : validate.errors
}
