/** The families on x86: the books' kernel, and Linux on a PC. */
import { X86_32, X86_PAE } from '../../arch/x86-32.ts';
import { X86_64 } from '../../arch/x86-64.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { TEXTBOOK } from '../../kernel/others.ts';
import type { Family } from '../family.ts';
import { CONTIGUOUS, PC } from '../firmware/memory-map.ts';
import { BOOK_32, BOOTED_32 } from './booted-32.ts';
import { BOOK_64, BOOTED_64 } from './booted-64.ts';

export const X86_FAMILIES: readonly Family[] = [
  {
    name: 'textbook',
    kernel: TEXTBOOK,
    machine: CONTIGUOUS,
    ports: [
      { arch: X86_32, booted: BOOK_32 },
      { arch: X86_PAE, booted: BOOK_32 },
      { arch: X86_64, booted: BOOK_64 },
    ],
  },
  {
    name: 'linux-6.1',
    kernel: LINUX_6_1,
    machine: PC,
    ports: [
      { arch: X86_32, booted: BOOTED_32 },
      { arch: X86_PAE, booted: BOOTED_32 },
      { arch: X86_64, booted: BOOTED_64 },
    ],
  },
];
