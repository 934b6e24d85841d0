/** The optional package that speaks Kafka's protocol. It is loaded when a component starts that needs it. */
import type * as Package from '@platformatic/kafka'
import { LogstreamError, messageOf } from '../../errors.ts'

export type KafkaPackage = typeof Package

/**
 * Loads `@platformatic/kafka`, which takes a second: it compiles its JSON schemas. Rejects with BAD_CONFIG when it isn't
 * installed; the parameter is for tests.
 */
export async function loadKafka(
  load: () => Promise<unknown> = () => import('@platformatic/kafka'),
): Promise<KafkaPackage> {
  try {
    return (await load()) as KafkaPackage
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !messageOf(error).includes('@platformatic/kafka')) throw error
    throw new LogstreamError(
      'BAD_CONFIG',
      'Kafka needs the package @platformatic/kafka, which is not installed next to logstream: ' +
        'run npm install @platformatic/kafka@1 (with Node 22.22 or later, version 2 works as well)',
      { cause: error },
    )
  }
}
