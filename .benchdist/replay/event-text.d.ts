import { type MemoryEvent } from '../core/event/kinds.ts';
export declare function describeEvent(event: MemoryEvent): string;
