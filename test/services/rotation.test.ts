/** Twenty files that grow and rotate under load, nothing killed: every line arrives exactly once. */
import t from 'tap'
import { rotateFiles } from '../support/rotations.ts'

void t.test('twenty growing files, rotated six times each', (t) =>
  rotateFiles(t, { files: 20, rotations: 6 }),
)
