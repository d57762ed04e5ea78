import { describe, expect, test } from 'vitest';
import { parseGfpFlags } from '../../../traces/kernel/gfp-names.ts';

describe('gfp flags as the reports of kernels show them beside their mask (`gfp_mask=0x140cca(GFP_...)`)', () => {
  test.each([
    ['none', 0],
    ['GFP_ATOMIC', 0xa20],
    ['GFP_NOWAIT', 0x800],
    // before 4.4 bits had no underscores; 0 was GFP_NOWAIT before 4.5
    ['GFP_KERNEL|GFP_ZERO', 0xdc0],
    ['GFP_WAIT|GFP_IO', 0xc40],
    ['GFP_HIGHUSER_MOVABLE|GFP_NORETRY|GFP_NOTRACK', 0x110cca],
    ['GFP_USER|GFP_COLD|GFP_REPEAT', 0x104cc0],
    ['GFP_KERNEL|__GFP_REPEAT|__GFP_NOTRACK|__GFP_COLD|__GFP_OTHER_NODE', 0x4cc0],
    ['GFP_TEMPORARY|GFP_NOWARN', 0x2cd0],
    ['GFP_KERNEL|GFP_NO_KSWAPD', 0x4c0],
    ['GFP_KERNEL|__GFP_NO_OBJ_EXT|__GFP_SKIP_KASAN', 0x6000cc0],
    ['0x140dca', 0x140dca],
    ['3264', 0xcc0],
    ['GFP_NOWAIT|__GFP_NOWARN', 0x2800],
    ['GFP_NOIO', 0xc00],
    ['GFP_NOFS', 0xc40],
    ['GFP_KERNEL', 0xcc0],
    ['GFP_KERNEL|__GFP_ZERO', 0xdc0],
    ['GFP_KERNEL_ACCOUNT|__GFP_ZERO', 0x400dc0],
    ['GFP_KERNEL|GFP_DMA', 0xcc1],
    ['GFP_ATOMIC|GFP_DMA', 0xa21],
    ['GFP_KERNEL|GFP_DMA32', 0xcc4],
    ['GFP_USER', 0x100cc0],
    ['GFP_HIGHUSER', 0x100cc2],
    ['GFP_HIGHUSER_MOVABLE|__GFP_COMP', 0x140cca],
    ['GFP_TRANSHUGE_LIGHT', 0x1c20ca],
    ['GFP_TRANSHUGE', 0x1c24ca],
    ['GFP_KERNEL|0x4000000', 0x4000cc0],
  ])('%s: 0x%x', (text, mask) => {
    expect(parseGfpFlags(text)).toMatchObject({ mask, unknown: [] });
  });
});
