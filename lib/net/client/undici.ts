/**
 * The door to undici: the parts that are used, loaded when the first client is made. The whole package takes 100 ms of
 * CPU to load.
 */
import { createRequire } from 'node:module'
import type * as undici from 'undici'
import { mayEndHeldBack } from './held-back.ts'

const require = createRequire(import.meta.url)

/** Connections to one origin. */
export function newPool(origin: string, options: undici.Pool.Options): undici.Dispatcher {
  const Pool = require('undici/lib/dispatcher/pool.js') as typeof undici.Pool
  addRequests()
  return mayEndHeldBack(new Pool(origin, options))
}

/** Connections through a proxy. */
export function newProxyAgent(options: undici.ProxyAgent.Options): undici.Dispatcher {
  const ProxyAgent = require('undici/lib/dispatcher/proxy-agent.js') as typeof undici.ProxyAgent
  addRequests()
  return new ProxyAgent({ ...options, factory: (origin, each) => newPool(origin.toString(), each) })
}

/** Gives all dispatchers `request` and what is like it, as undici's own index.js does. */
function addRequests(): void {
  const { prototype } = require('undici/lib/dispatcher/dispatcher.js') as typeof undici.Dispatcher
  Object.assign(prototype, require('undici/lib/api/index.js'))
}
