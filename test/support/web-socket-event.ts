/** The next event of a WebSocket, as a promise. */
import type { CloseEvent, MessageEvent, WebSocket } from 'undici'

interface Events {
  readonly open: unknown
  readonly message: MessageEvent<string>
  readonly close: CloseEvent
}

export function webSocketEvent<K extends keyof Events>(socket: WebSocket, name: K): Promise<Events[K]> {
  return new Promise((resolve) => socket.addEventListener(name, resolve, { once: true }))
}
