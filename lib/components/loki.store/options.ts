/** The options of `loki.store`, and what the store is opened with. */
import { isAbsolute, join } from 'node:path'
import { toStringValue } from '../../alloy/convert.ts'
import { ValueError } from '../../alloy/value.ts'
import type { ComponentContext } from '../../component/component.ts'
import {
  block,
  blocks,
  blockWithDefaults,
  duration,
  flag,
  integer,
  list,
  optional,
  required,
  size,
  text,
  type FieldType,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { LabelMatcher } from '../../logql/syntax/ast.ts'
import { parseMatchers } from '../../logql/syntax/parse.ts'
import { DELETION_MODES, type DeletionMode } from '../../store/deletion/deletions.ts'
import { ruleFields } from '../../rules/options.ts'
import { DEFAULT_LIMITS, type Limits } from '../../store/limits.ts'
import { grpcListenerFields, httpListenerFields } from '../../store/listener.ts'
import { SERVICE_LABELS } from '../../store/service-name.ts'
import type { StoreOptions } from '../../store/store.ts'
import { objectStorageFields, objectStorageOf } from './object-storage-options.ts'
import { tenantFields } from './tenant-options.ts'

const MIB = 1024 ** 2

const limitFields = {
  max_label_names_per_series: optional(integer, DEFAULT_LIMITS.maxLabelNames, 'Most labels of a stream.'),
  max_label_name_length: optional(integer, DEFAULT_LIMITS.maxLabelNameLength, 'Most bytes of a label name.'),
  max_label_value_length: optional(
    integer,
    DEFAULT_LIMITS.maxLabelValueLength,
    'Most bytes of a label value.',
  ),
  max_line_size: optional(size, DEFAULT_LIMITS.maxLineSize, 'Most bytes of a line. 0: no limit.'),
  max_structured_metadata_entries_count: optional(
    integer,
    DEFAULT_LIMITS.maxMetadataCount,
    'Most pairs of structured metadata of an entry.',
  ),
  max_structured_metadata_size: optional(
    size,
    DEFAULT_LIMITS.maxMetadataSize,
    'Most bytes of structured metadata of an entry.',
  ),
  creation_grace_period: optional(
    duration,
    DEFAULT_LIMITS.creationGracePeriod,
    'How far in the future an entry may lie.',
  ),
  max_chunk_age: optional(
    duration,
    DEFAULT_LIMITS.maxChunkAge,
    'Entries over half of this older than the newest of their stream are refused. 0: none.',
  ),
  reject_old_samples_max_age: optional(
    duration,
    DEFAULT_LIMITS.rejectOldSamplesMaxAge,
    'How old an entry may be when reject_old_samples is on.',
  ),
  max_streams: optional(
    integer,
    DEFAULT_LIMITS.maxStreams,
    'Most streams that were written to in the last two hours. 0: no limit.',
  ),
  max_push_size: optional(size, 100 * MIB, 'Most bytes of a push, packed or unpacked.'),
}

/** A selector of streams such as `{app="a"}`. */
const selector: FieldType<readonly LabelMatcher[], string> = {
  name: 'string',
  zero: [],
  decode: (value) => {
    const text = toStringValue(value)
    try {
      return parseMatchers(text)
    } catch (error) {
      throw new ValueError(
        `expected a selector such as {app="a"}, found ${JSON.stringify(text)}: ${messageOf(error)}`,
      )
    }
  },
}

const deletionMode: FieldType<DeletionMode, string> = {
  name: 'string',
  zero: 'disabled',
  decode: (value) => {
    const text = toStringValue(value)
    const found = DELETION_MODES.find((mode) => mode === text)
    if (found !== undefined) return found
    throw new ValueError(`expected one of ${DELETION_MODES.join(', ')}, found ${JSON.stringify(text)}`)
  },
}

const retentionFields = {
  selector: required(selector, 'Which streams, such as {level="debug"}.'),
  period: required(duration, 'How long their entries are kept. 0: for ever.'),
  priority: optional(integer, 0, 'Of several blocks that choose a stream, the highest counts.'),
}

/** The fields of `loki.store`. */
export const fields = {
  path: optional(text, '', "Folder of the data; left out: one under the component's own."),
  retention: optional(duration, 0, 'How long entries are kept, by their time. 0: for ever.'),
  retention_stream: blocks(retentionFields, 'Another retention for the streams that a selector chooses.'),
  max_size: optional(size, 0, 'Most bytes on disk; the oldest entries make room. 0: no limit.'),
  deletion_mode: optional(
    deletionMode,
    'filter-and-delete',
    'Whether delete requests are taken: disabled; filter-only: their entries are hidden; filter-and-delete: and deleted.',
  ),
  delete_request_cancel_period: optional(
    duration,
    86_400_000,
    'How long a delete request can be cancelled; then its entries are deleted.',
  ),
  discover_service_name: optional(
    list(text),
    SERVICE_LABELS,
    'Labels tried in order for a missing service_name. Empty: it is not added.',
  ),
  discover_log_levels: optional(
    flag,
    true,
    'Whether to add the structured metadata detected_level, as Loki does.',
  ),
  reject_old_samples: optional(flag, false, 'Whether to refuse old entries (Loki does by default).'),
  max_memory: optional(
    size,
    512 * MIB,
    "Most bytes of memory for the process; a container's limit counts where it is lower.",
  ),
  threads: optional(integer, 2, 'Threads that a query may use.'),
  http: blockWithDefaults(httpListenerFields, "Where Loki's HTTP API is served."),
  grpc: block(grpcListenerFields, 'Where pushes over gRPC are taken; left out: nowhere.'),
  limits: blockWithDefaults(limitFields, "Loki's limits, with its defaults."),
  rules: block(ruleFields, 'Alerting and recording rules; left out: none are evaluated.'),
  object_storage: block(
    objectStorageFields,
    'Bucket that sealed files are copied to and read from; left out: they are on the disk only.',
  ),
  tenants: block(tenantFields, 'Separates tenants by X-Scope-OrgID; left out: there are none.'),
}

export type LokiStoreOptions = OptionsOf<typeof fields>

/** What the store, or that of a tenant, is opened with. Throws BAD_CONFIG for a bucket that can't be. */
export function storeOptionsOf(
  options: LokiStoreOptions,
  ctx: ComponentContext,
  tenant?: string,
): StoreOptions {
  const { object_storage: bucket } = options
  return {
    path: folderOf(options.path, ctx),
    retention: options.retention,
    retentionStreams: options.retention_stream.map(({ selector: matchers, period, priority }) => ({
      matchers,
      period,
      priority,
    })),
    maxSize: options.max_size,
    deletionMode: options.deletion_mode,
    deleteRequestCancelPeriod: options.delete_request_cancel_period,
    discoverServiceName: options.discover_service_name,
    discoverLogLevels: options.discover_log_levels,
    limits: limitsOf(options),
    threads: Math.max(1, options.threads),
    maxMemory: options.max_memory,
    objectStorage: bucket === undefined ? undefined : objectStorageOf(bucket, ctx, tenant),
  }
}

const NO_FOLDER = ''

function folderOf(path: string, ctx: ComponentContext): string {
  if (path !== '') return isAbsolute(path) ? path : join(process.cwd(), path)
  return ctx.dataDir === undefined ? NO_FOLDER : join(ctx.dataDir, 'store')
}

/** Throws BAD_CONFIG without a folder. A store that is only validated needs none. */
export function needFolder(path: string): void {
  if (path !== NO_FOLDER) return
  throw new LogstreamError('BAD_CONFIG', 'loki.store needs a folder: add path = "/var/lib/logstream/store"', {
    option: 'path',
  })
}

/** The limits that the store holds entries to. */
export function limitsOf({ limits, reject_old_samples: rejectOldSamples }: LokiStoreOptions): Limits {
  return {
    maxLabelNames: limits.max_label_names_per_series,
    maxLabelNameLength: limits.max_label_name_length,
    maxLabelValueLength: limits.max_label_value_length,
    maxLineSize: limits.max_line_size,
    maxMetadataCount: limits.max_structured_metadata_entries_count,
    maxMetadataSize: limits.max_structured_metadata_size,
    creationGracePeriod: limits.creation_grace_period,
    maxChunkAge: limits.max_chunk_age,
    rejectOldSamples,
    rejectOldSamplesMaxAge: limits.reject_old_samples_max_age,
    maxStreams: limits.max_streams,
  }
}
