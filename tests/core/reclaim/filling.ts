/** What fills memory up: a file that is read, and requests for pages, one after the other. */
import type { Zone } from '../../../core/phys/zones.ts';
import { MIB, PAGE, pages, type Session, type Step } from '../../support/rows.ts';

const FILE_MIB = 256;
export const FILE: Step = { kind: 'file', file: 1, length: FILE_MIB * MIB };
export const readPage = (page: number): Step => ({
  kind: 'file_read',
  file: 1,
  offset: page * PAGE,
  length: PAGE,
});

export const highestZone = ({ machine }: Session): Zone => machine.platform.zones.at(-1)!;

/** Allocates pages, one by one, until it fails or `isDone`. */
export function take(session: Session, gfp: number, isDone?: () => boolean, first = 1000): number {
  return session.repeat((i) => pages(first + i, 0, gfp), isDone);
}
