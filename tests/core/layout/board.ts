/** The example of a layout file, and segments that go with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BOARD = readFileSync(join(import.meta.dirname, '../../fixtures/layouts/board.json'), 'utf8');

/** All of user space for the user, and what is above it for the kernel. */
export const SEGMENTS = {
  userCode: { base: 0, limit: '0x9fffffff' },
  userData: { base: 0, limit: '0x9fffffff' },
  kernelCode: { base: '0xa0000000', limit: '0x5fffffff' },
  kernelData: { base: '0xa0000000', limit: '0x5fffffff' },
};
