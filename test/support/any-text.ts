/** Text of any code points. */
import fc from 'fast-check'

/** The surrogates, which aren't characters, are left out. */
const LOW = 0xd800
const SURROGATES = 0x800

const character = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map((n) => String.fromCodePoint(n < LOW ? n : n + SURROGATES))

/** As fast-check's unit `binary`, which first makes a table of a million characters: 2 s of CPU in each process. */
export const anyText = (constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: character })
