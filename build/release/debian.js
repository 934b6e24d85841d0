/** The Debian package: the folder of the archive in /usr/lib/logstream, with a service, its user and a config. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }
const SCRIPTS = ['postinst', 'prerm', 'postrm']

export function makeDebian(manifest, folder, out) {
  const architecture = ARCHITECTURES[process.arch]
  const root = join(out, 'debian')
  const put = (path, text, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { mode })
    chmodSync(join(root, path), mode)
  }
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  cpSync(folder, join(root, 'usr/lib/logstream'), { recursive: true })
  mkdirSync(join(root, 'usr/bin'))
  symlinkSync('../lib/logstream/bin/logstream', join(root, 'usr/bin/logstream'))
  put(
    'lib/systemd/system/logstream.service',
    unit(readFileSync('examples/systemd/logstream.service', 'utf8')),
  )
  put('etc/logstream/config.alloy', readFileSync('packaging/debian/config.alloy'))
  // May hold secrets.
  put('etc/logstream/logstream.env', readFileSync('packaging/debian/logstream.env'), 0o600)
  put('usr/share/doc/logstream/copyright', copyright(folder, manifest))
  const manual = readFileSync(join(folder, 'lib/node_modules', manifest.name, manifest.man))
  put('usr/share/man/man1/logstream.1.gz', gzipSync(manual, { level: 9 }))

  const size = execFileSync('du', ['-sk', '--apparent-size', root], { encoding: 'utf8' }).split('\t')[0]
  put('DEBIAN/control', control(manifest, architecture, size))
  put('DEBIAN/conffiles', '/etc/logstream/config.alloy\n/etc/logstream/logstream.env\n')
  for (const script of SCRIPTS) put(`DEBIAN/${script}`, readFileSync(`packaging/debian/${script}`), 0o755)
  const file = join(out, `logstream_${manifest.version}_${architecture}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', root, file], { stdio: 'ignore' })
  rmSync(root, { recursive: true })
}

function control({ version, description, homepage }, architecture, size) {
  return `Package: logstream
Version: ${version}
Architecture: ${architecture}
Maintainer: the logstream maintainers <logstream@localhost>
Installed-Size: ${size}
Depends: libc6 (>= 2.28), libstdc++6, adduser
Recommends: ca-certificates
Section: admin
Priority: optional
Homepage: ${homepage}
Description: log pipeline for Loki
 ${description}.
 .
 Carries its own Node and the database of the embedded store.
`
}

/** The unit of examples/systemd, for the places and the user of the package. */
function unit(text) {
  return text
    .replace(/^#.*\n(#.*\n)*/, '')
    .replaceAll('/usr/local/bin/logstream', '/usr/bin/logstream')
    .replace(/^# A user of its own[^]*?^DynamicUser=yes$/m, '# Group adm may read most of /var/log.')
}

function copyright(folder, { license }) {
  const notices = `${folder}/lib/node_modules/logstream-loki/dist/THIRD-PARTY-NOTICES`
  return `logstream: ${license}, see /usr/lib/logstream/LICENSE.
Node: see /usr/lib/logstream/lib/node.LICENSE. Packages: see /usr/lib/logstream/lib/node_modules.

${readFileSync(notices, 'utf8')}`
}
