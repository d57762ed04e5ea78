/** What goes with the selection at the moment, by lane: asked for once, and read by every view. */
import { signal } from '@preact/signals';
import type { Selected } from '../../models/by-lane.ts';

/** Empty when nothing is picked. */
export const selectedByLane = signal<readonly Selected[]>([]);
