/** Growing files that rotate by renaming; `test/services` has twenty of them. */
import t from 'tap'
import { rotateFiles } from '../support/rotations.ts'

void t.test('five growing files, rotated twice each', (t) => rotateFiles(t, { files: 5, rotations: 2 }))
