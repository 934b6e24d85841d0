/** Whether a folder is on a file system that only this machine's kernel changes. */
import { statfs } from 'node:fs/promises'

/**
 * `f_type` of file systems that every change goes through this kernel, by statfs(2): ext2 to ext4, XFS, Btrfs, tmpfs,
 * overlayfs, ZFS, F2FS, Bcachefs, ramfs. Others (NFS, SMB, FUSE, 9P, …) change without a notice, and may hang.
 */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e, 0x858458f6,
])

/** `false` also for a folder that can't be read. */
export async function isLocalFolder(folder: string): Promise<boolean> {
  return await statfs(folder).then(
    ({ type }) => LOCAL_TYPES.has(type),
    () => false,
  )
}
