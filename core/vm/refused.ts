/**
 * Requests that the kernel that was recorded refused. They are made again, and this says what became of them beside what
 * the record says; it changes nothing and takes no time. What a request gets after all, the events behind give back, for
 * whoever asked went on without it.
 */
import type { Handler } from '../machine/handler.ts';
import { OK, REFUSED_TOO } from '../outcome/outcome.ts';
import { NO_CLASS, OBJECT } from '../state/objects.ts';

/** Without a length it was for the object; with one it was for that much of it. */
export const refused: Handler<'refused'> = ({ objects }, { object, length: lengthBytes }) => {
  const isThere = objects.get(object, OBJECT.class) !== NO_CLASS;
  const isAsAsked = lengthBytes === 0 || objects.get(object, OBJECT.sizeBytes) === lengthBytes;
  return isThere && isAsAsked ? OK : REFUSED_TOO;
};

export const refusedFork: Handler<'refused_fork'> = ({ records }, { pid }) =>
  records.process(pid) === undefined ? REFUSED_TOO : OK;
