/** The table of suites, from the bottom of the machine up to whole replays. */
import { access } from './access.js';
import { buddy } from './buddy.js';
import { encode } from './encode.js';
import { importers } from './importers.js';
import { kernel } from './kernel.js';
import { prng } from './prng.js';
import { queue } from './queue.js';
import { record } from './record.js';
import { replay } from './replay.js';
import { translation } from './translation.js';
export const SUITES = [
    buddy,
    kernel,
    translation,
    access,
    replay,
    record,
    encode,
    importers,
    queue,
    prng,
];
//# sourceMappingURL=index.js.map