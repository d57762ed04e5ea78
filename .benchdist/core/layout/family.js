import { MIB } from './units.js';
/** STACK_TOP minus this is where mmap areas start, without randomisation (arch/x86/mm/mmap.c, v6.1: gap_min). */
export const STACK_GAP = 128n * MIB;
//# sourceMappingURL=family.js.map