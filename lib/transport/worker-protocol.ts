/** What the thread of a logger and the one that delivers say to each other. */
import type { Format } from './encoders.ts'
import type { MappingOptions } from './recorder.ts'
import type { SenderOptions } from './sender.ts'

export interface WorkerData {
  readonly format: Format
  readonly sender: SenderOptions
  readonly mapping: MappingOptions
}

export type ToWorker =
  /** `upTo` counts the lines sent with these. */
  | { readonly type: 'lines'; readonly lines: readonly string[]; readonly upTo: number }
  /** Lines were put into the queue's folder, past the worker. */
  | { readonly type: 'left' }
  | { readonly type: 'flush' | 'close'; readonly id: number }

export type FromWorker =
  /** The lines up to there are in the queue, or were dropped. */
  | { readonly type: 'taken'; readonly upTo: number; readonly dropped: number }
  | { readonly type: 'done'; readonly id: number; readonly error?: string }
