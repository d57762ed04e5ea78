import type { FrameFacts } from './explain-frame.ts';
import type { Region } from './layout/layout.ts';
import type { Machine } from './state/machine.ts';
export type AnswerName = 'virt_addr_valid' | 'is_vmalloc_addr' | 'virt_to_page' | 'page_address';
export interface Answer {
    readonly name: AnswerName;
    /** `yes`, `no`, a frame, an address, `NULL`. */
    readonly answer: string;
    /** Whether it means what the function's name promises. */
    readonly right: boolean;
    readonly reason: string;
}
/** `frame`: the page that is mapped at the address, if any. */
export declare function answersOf(machine: Machine, address: bigint, region: Region | undefined, frame: FrameFacts | undefined): Answer[];
