/**
 * What Pub/Sub posts (cloud.google.com/pubsub/docs/push), and the log entry in it
 * (cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry).
 */
import { decodeBase64 } from '../../formats/base64.ts'
import { toLower } from '../../go/strings/letters.ts'
import { isJsonObject, jsonObject, textIn, type JsonObject } from '../../loki/json-object.ts'

export interface GcpMessage {
  /** The log entry as JSON text. */
  readonly data: string
  /** '' if it is missing, or not a string. */
  readonly textPayload: string
  /** RFC 3339; the first one that is set: of the entry, of its receipt by Cloud Logging, of the message. */
  readonly time: string
  readonly labels: readonly [string, string][]
}

/** Why a message can't be read, with its reason under the name of Alloy's metric. */
export interface MessageFault {
  readonly reason: 'read_error' | 'invalid_message' | 'translation'
  readonly message: string
}

/** Throws nothing: what can't be read is a fault. */
export function messageIn(body: Buffer): GcpMessage | MessageFault {
  const request = jsonObject(body.toString('utf8'))
  if (request === undefined)
    return { reason: 'read_error', message: 'expected JSON with a message and a subscription' }
  const message = objectIn(request, 'message')
  const base64 = textIn(message, 'data')
  const id = textIn(message, 'messageId') || textIn(message, 'message_id')
  const subscription = textIn(request, 'subscription')
  const missing = base64 === '' ? 'message.data' : id === '' ? 'message.messageId' : 'subscription'
  if (base64 === '' || id === '' || subscription === '')
    return {
      reason: 'invalid_message',
      message: `expected a message of Pub/Sub, found one without ${missing}`,
    }
  const data = decodeBase64(base64)?.toString('utf8')
  if (data === undefined)
    return { reason: 'translation', message: 'expected base64 in message.data, found something else' }
  const entry = jsonObject(data)
  if (entry === undefined)
    return {
      reason: 'translation',
      message: 'expected a log entry of Cloud Logging, as JSON, in message.data',
    }
  const resource = objectIn(entry, 'resource')
  return {
    data,
    textPayload: textIn(entry, 'textPayload'),
    time: firstTime([
      textIn(entry, 'timestamp'),
      textIn(entry, 'receiveTimestamp'),
      textIn(message, 'publishTime'),
    ]),
    labels: [
      ['__gcp_message_id', id],
      ['__gcp_subscription_name', subscription],
      ...prefixed('__gcp_attributes_', objectIn(message, 'attributes')),
      ['__gcp_logname', textIn(entry, 'logName')],
      ['__gcp_resource_type', textIn(resource, 'type')],
      ['__gcp_severity', textIn(entry, 'severity')],
      ...prefixed('__gcp_resource_labels_', objectIn(resource, 'labels')),
      ...prefixed('__gcp_labels_', objectIn(entry, 'labels')),
    ],
  }
}

/** Go's zero time, which stands for none. */
const UNSET = '0001-01-01T00:00:00Z'

function firstTime(times: readonly string[]): string {
  return times.find((time) => time !== '' && time !== UNSET) ?? ''
}

function objectIn(object: JsonObject, field: string): JsonObject {
  const value = object[field]
  return isJsonObject(value) ? value : {}
}

function prefixed(prefix: string, object: JsonObject): [string, string][] {
  return Object.entries(object)
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    .map(([name, value]) => [`${prefix}${labelName(name)}`, value])
}

/** As in Alloy: snake_case, with underscores for dots, hyphens and slashes. `logging.googleapis.com/insertId` is an example. */
function labelName(text: string): string {
  return toLower(text.replace(/[.\-/]/g, '_').replace(/(?<=[^_])\p{Lu}/gu, '_$&'))
}
