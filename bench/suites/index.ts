/** The table of suites, from the bottom of the machine up to whole replays. */
import { access } from './access.ts';
import { buddy } from './buddy.ts';
import { dma } from './dma.ts';
import { encode } from './encode.ts';
import { importers } from './importers.ts';
import { kernel } from './kernel.ts';
import { prng } from './prng.ts';
import { queue } from './queue.ts';
import { reclaim } from './reclaim.ts';
import { record } from './record.ts';
import { replay } from './replay.ts';
import type { Suite } from './suite.ts';
import { translation } from './translation.ts';
import { user } from './user.ts';

export const SUITES: readonly Suite[] = [
  buddy,
  kernel,
  dma,
  user,
  reclaim,
  translation,
  access,
  replay,
  record,
  encode,
  importers,
  queue,
  prng,
];
