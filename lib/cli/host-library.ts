/** The standard library of the config language as it is on this host, for commands. */
export { hostLibrary } from '../run/host-library.ts'
