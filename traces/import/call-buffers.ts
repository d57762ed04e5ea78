/**
 * What the kernel reads and writes of a process's memory in a system call (Linux man-pages, section 2): its buffers fault
 * like references of the program. Calls and fields that are left out are small structures, on stacks that are there.
 */
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { numberIn, type SystemCall } from '../strace/call.ts';

export interface CallBuffer {
  readonly address: number;
  readonly bytes: number;
  readonly mode: number;
}

type BufferOf = (call: SystemCall, number: (index: number) => number) => CallBuffer;

const filled: BufferOf = ({ result }, number) => ({
  address: number(1),
  bytes: result ?? 0,
  mode: WRITE | KERNEL_MODE,
});
const taken: BufferOf = ({ result }, number) => ({
  address: number(1),
  bytes: result ?? 0,
  mode: READ | KERNEL_MODE,
});
const filledFirst: BufferOf = ({ result }, number) => ({
  address: number(0),
  bytes: result ?? 0,
  mode: WRITE | KERNEL_MODE,
});
const structure =
  (index: number, bytes: number): BufferOf =>
  (_, number) => ({ address: number(index), bytes, mode: WRITE | KERNEL_MODE });

/** sizeof(struct stat), struct statx, struct statfs, struct rlimit64 (include/uapi, x86-64). */
const [STAT_BYTES, STATX_BYTES, STATFS_BYTES, RLIMIT_BYTES] = [144, 256, 120, 16];

const BUFFERS: ReadonlyMap<string, BufferOf> = new Map<string, BufferOf>([
  ['read', filled],
  ['pread64', filled],
  ['recvfrom', filled],
  ['getdents', filled],
  ['getdents64', filled],
  ['getrandom', filledFirst],
  ['getcwd', filledFirst],
  ['readlink', filled],
  ['write', taken],
  ['pwrite64', taken],
  ['sendto', taken],
  ['stat', structure(1, STAT_BYTES)],
  ['newstat', structure(1, STAT_BYTES)],
  ['fstat', structure(1, STAT_BYTES)],
  ['newfstat', structure(1, STAT_BYTES)],
  ['lstat', structure(1, STAT_BYTES)],
  ['newlstat', structure(1, STAT_BYTES)],
  ['newfstatat', structure(2, STAT_BYTES)],
  ['statx', structure(4, STATX_BYTES)],
  ['statfs', structure(1, STATFS_BYTES)],
  ['fstatfs', structure(1, STATFS_BYTES)],
  ['prlimit64', structure(3, RLIMIT_BYTES)],
]);

/** Of a call that succeeded; undefined where it has none, or not a byte of it. */
export function bufferOf(call: SystemCall): CallBuffer | undefined {
  const buffer = BUFFERS.get(call.name)?.(call, (index) => numberIn(call.args[index]?.text) ?? 0);
  return buffer !== undefined && buffer.address > 0 && buffer.bytes > 0 ? buffer : undefined;
}
