/** What the kernel's reports say of a session's machine. */
import { viewNamed } from '../../../replay/views/index.ts';
import { type Meminfo, parseMeminfo } from '../../../traces/index.ts';
import type { Session } from '../../support/rows.ts';

export const textOf = (session: Session, view: string): string => viewNamed(view).text(session.machine);
export const meminfoOf = (session: Session): Meminfo => parseMeminfo(textOf(session, 'meminfo'));
