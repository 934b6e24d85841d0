/** A unary gRPC call with a message of bytes. */
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import type { Test } from 'tap'

export interface GrpcResult {
  /** 0 for success. */
  readonly code: number
  readonly details: string
  readonly message: Buffer
  readonly trailers: Metadata | undefined
}

export interface GrpcCaller {
  /** `compression`: 1 deflate, 2 gzip. */
  call(path: string, message: Buffer, headers?: Record<string, string>): Promise<GrpcResult>
}

/** A client of `address`, closed with the test. */
export function grpcCaller(tap: Test, address: string, compression = 0): GrpcCaller {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compression,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 200,
  })
  tap.teardown(() => client.close())
  const same = (bytes: Buffer): Buffer => bytes
  return {
    call: (path, message, headers = {}) =>
      new Promise((resolve) => {
        const metadata = new Metadata()
        for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
        const deadline = { deadline: Date.now() + 20_000 }
        client.makeUnaryRequest(
          path,
          same,
          same,
          message,
          metadata,
          deadline,
          (error: ServiceError | null, answer?: Buffer) =>
            resolve({
              code: error?.code ?? 0,
              details: error?.details ?? '',
              message: answer ?? Buffer.alloc(0),
              trailers: error?.metadata,
            }),
        )
      }),
  }
}
