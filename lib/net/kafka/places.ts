/** Partitions of topics, and offsets in them. */

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface Offset extends TopicPartition {
  readonly offset: number
}

/** Names a partition: `topic/0`. */
export function placeName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
