/** The bill of materials, in CycloneDX: what the bundles hold, what npm installs, and the Node of the archives. */
import { readdirSync, readFileSync } from 'node:fs'
import { NODE } from './folder.js'

export function billOfMaterials({ name, version, description, license, dependencies, peerDependencies }) {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const inputs = readdirSync('dist/inputs').flatMap((file) =>
    Object.keys(JSON.parse(readFileSync(`dist/inputs/${file}`, 'utf8')).inputs),
  )
  const bundled = inputs.flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  )
  const installed = new Set()
  for (const each of [...Object.keys(dependencies), ...Object.keys(peerDependencies).filter(carried)])
    collect(`node_modules/${each}`, packages, installed)
  const paths = [...new Set([...bundled, ...installed])].toSorted((a, b) => (a < b ? -1 : 1))
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': purl(name, version),
        name,
        version,
        description,
        licenses: [{ license: { id: license } }],
        purl: purl(name, version),
      },
    },
    components: [
      ...paths.map((path) => component(path, packages[path])),
      {
        type: 'platform',
        'bom-ref': `pkg:generic/node@${NODE}`,
        name: 'node',
        version: NODE,
        licenses: [{ license: { id: 'MIT' } }],
        purl: `pkg:generic/node@${NODE}`,
      },
    ],
  }
}

/** The archives carry the database; the other peers are for those who install them. */
function carried(name) {
  return name.startsWith('@duckdb/')
}

function collect(path, packages, seen) {
  if (seen.has(path) || packages[path] === undefined) return
  seen.add(path)
  const { dependencies = {}, optionalDependencies = {} } = packages[path]
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const nested = `${path}/node_modules/${name}`
    collect(nested in packages ? nested : `node_modules/${name}`, packages, seen)
  }
}

function component(path, { version, license, integrity }) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const [algorithm, digest] = integrity.split('-')
  return {
    type: 'library',
    'bom-ref': purl(name, version),
    name,
    version,
    hashes: [
      { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') },
    ],
    licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }],
    purl: purl(name, version),
  }
}

function purl(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}
