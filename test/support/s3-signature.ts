/**
 * Checks the signature of a request to S3 as AWS describes it
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), and the hash of its body.
 */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Returns the error that S3 answers with, `undefined` when all is right. `keys` are secrets by access key. */
export function signatureFault(
  { headers, method, url }: IncomingMessage,
  body: Buffer,
  keys: Readonly<Record<string, string>>,
): { readonly status: number; readonly code: string } | undefined {
  const [, id = '', date = '', region = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const secret = keys[id]
  if (secret === undefined) return { status: 403, code: 'InvalidAccessKeyId' }
  const hash = String(headers['x-amz-content-sha256'])
  const [path = '', query = ''] = url!.split('?')
  const canonical = [
    method,
    path,
    query.split('&').sort().join('&'),
    ...signed.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    signed,
    hash,
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${sha256(canonical)}`
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), 's3'), 'aws4_request')
  if (hmac(key, text).toString('hex') !== signature) return { status: 403, code: 'SignatureDoesNotMatch' }
  return hash === sha256(body) ? undefined : { status: 400, code: 'XAmzContentSHA256Mismatch' }
}
