/** What kept a file or stream from being written, for people. */
import { UsageError } from '../../core/base/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it is greater than the file system, or ulimit -f, allows',
  EIO: 'the disk failed',
  ELOOP: 'its symbolic links lead in a circle',
  EPIPE: 'the reading side has closed the pipe',
};

/** `cause` keeps what the system said. */
export function writeError(error: unknown, name: string): UsageError {
  if (error instanceof UsageError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : message;
  return new UsageError(`${name}: cannot be written: ${reason}`, { cause: error });
}
