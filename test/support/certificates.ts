/** Certificates made on the spot, by openssl. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** A self-signed certificate for localhost in `folder`; `name` tells several apart. */
export function selfSigned(folder: string, name: string): Certificate {
  return made(folder, name, ['-x509'])
}

/** A certificate that `issuer` has signed, for `host`. */
export function signedBy(
  issuer: Certificate,
  folder: string,
  name: string,
  host: string = 'localhost',
): Certificate {
  return made(folder, name, ['-x509', '-CA', issuer.certFile, '-CAkey', issuer.keyFile], host)
}

function made(folder: string, name: string, how: readonly string[], host: string = 'localhost'): Certificate {
  const certFile = `${folder}/${name}.crt`
  const keyFile = `${folder}/${name}.key`
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${host},IP:127.0.0.1`]
  execFileSync('openssl', ['req', ...how, ...kind, '-keyout', keyFile, '-out', certFile, ...subject], {
    stdio: 'ignore',
  })
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
