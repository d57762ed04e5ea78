/** gfp masks in words: as a kernel's %pGg prints them, and read back as the same mask. */
import { describe, expect, test } from 'vitest';
import { gfpText } from '../../../core/event/gfp-names.ts';
import { parseGfpFlags } from '../../../traces/kernel/gfp-names.ts';

describe('a mask', () => {
  test.each([
    [0x140cca, 'GFP_HIGHUSER_MOVABLE|__GFP_COMP'],
    [0x100dca, 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO'],
    [0xcc0, 'GFP_KERNEL'],
    [0xdc0, 'GFP_KERNEL|__GFP_ZERO'],
    [0x400dc0, 'GFP_KERNEL_ACCOUNT|__GFP_ZERO'],
    [0xa20, 'GFP_ATOMIC'],
    [0x20, '__GFP_HIGH'],
    [0x2800, 'GFP_NOWAIT|__GFP_NOWARN'],
    // GFP_DMA is the zone alone where the kernel prints it
    [0xcc1, 'GFP_KERNEL|GFP_DMA'],
    [0xcc4, 'GFP_KERNEL|GFP_DMA32'],
    // all of a composite but one bit is not the composite
    [0xc40, 'GFP_NOFS'],
    [0xc00, 'GFP_NOIO'],
    [0x400, '__GFP_DIRECT_RECLAIM'],
    [0x1c20ca, 'GFP_TRANSHUGE_LIGHT'],
    [0x1c24ca, 'GFP_TRANSHUGE'],
    [0x4000cc0, 'GFP_KERNEL|0x4000000'],
    [0x80000000, '0x80000000'],
    [0, 'none'],
  ])('%i is %s', (mask, text) => {
    expect(gfpText(mask)).toBe(text);
    expect(parseGfpFlags(text).mask).toBe(mask);
  });
});
