/** Components of a config as Node streams, by their names: every source, sink and stage of the table. */
import { Duplex, type Readable, type Writable } from 'node:stream'
import { suggestion } from '../alloy/nearest.ts'
import type { Component, ComponentDefinition } from '../component/component.ts'
import { decodeInput } from '../component/decode.ts'
import type { Fields, InputOf } from '../component/fields.ts'
import { components, type NamedDefinition } from '../components/index.ts'
import { LogstreamError } from '../errors.ts'
import { begin, componentContext, startSource, type LibraryOptions, type SourceStream } from '../library.ts'

/** Names of all components. */
export type ComponentName = NamedDefinition['name']

type FieldsOf<N extends ComponentName> = Extract<NamedDefinition, { readonly name: N }>['fields']

/** The arguments and blocks of a component, without where it forwards to: in a program that is the next Node stream. */
export type ComponentInput<N extends ComponentName> =
  FieldsOf<N> extends Fields ? Omit<InputOf<FieldsOf<N>>, 'forward_to' | 'output'> : never

/**
 * A source as a Readable of batches, with the arguments that it has in a config. It starts at once; an error of its start
 * destroys the stream. Rejects with BAD_ARGUMENT for wrong arguments, and for a component that isn't a source.
 *
 * @example
 * const syslog = await openSource('loki.source.syslog', { listener: [{ address: '127.0.0.1:1514' }] })
 * await pipeline(syslog, lokiWriter({ url }))
 */
export async function openSource<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options: LibraryOptions = {},
): Promise<SourceStream> {
  const component = make(name, input, options)
  if (component.input !== undefined) throw await misfit(component, name, 'a source', 'it takes entries')
  return startSource(component, name)
}

/** A sink as a Writable of batches. It finishes when all that was written has been delivered, or is safe on disk. */
export async function openSink<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options: LibraryOptions = {},
): Promise<Writable> {
  const component = make(name, input, options)
  const { input: writable, output } = component
  if (writable === undefined || output !== undefined)
    throw await misfit(
      component,
      name,
      'a sink',
      output === undefined ? 'it takes no entries' : 'it hands entries on',
    )
  begin(component, writable)
  return writable
}

/** A component that takes entries and hands them on, such as `loki.relabel`, as a Duplex of batches. */
export async function openTransform<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options: LibraryOptions = {},
): Promise<Duplex> {
  const component = make(name, input, options)
  const { input: writable, output } = component
  if (writable === undefined || output === undefined)
    throw await misfit(component, name, 'a transform', 'it takes no entries, or hands none on')
  begin(component, writable)
  return joined(writable, output)
}

function joined(writable: Writable, readable: Readable): Duplex {
  return writable === (readable as unknown) ? (writable as Duplex) : Duplex.from({ writable, readable })
}

function make(name: string, input: object, options: LibraryOptions): Component {
  const definition: ComponentDefinition | undefined = components.get(name)
  if (definition === undefined)
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `there is no component "${name}"${suggestion(name, components.keys())}`,
    )
  // Where it forwards to is up to the program.
  const next = {
    ...('forward_to' in definition.fields ? { forward_to: [] } : {}),
    ...('output' in definition.fields ? { output: { logs: [] } } : {}),
  }
  const decoded = decodeInput(name, definition.fields, { ...next, ...input })
  return definition.create(decoded, componentContext(name, options))
}

async function misfit(
  component: Component,
  name: string,
  what: string,
  why: string,
): Promise<LogstreamError> {
  await component.close?.()
  return new LogstreamError('BAD_ARGUMENT', `${name} isn't ${what}: ${why}`)
}
