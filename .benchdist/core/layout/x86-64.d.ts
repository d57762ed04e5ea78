/**
 * 64-bit x86, with four or five levels of page tables. Both families: the windows are constants of the kernel and
 * the books repeat them; only the memory map differs.
 *
 * Sources, all v6.1: Documentation/x86/x86_64/mm.rst, arch/x86/include/asm/pgtable_64_types.h, page_64_types.h,
 * fixmap.h. Configured as the captured kernels: no KASLR (neither base nor memory regions), NR_CPUS does not move
 * anything, no vsyscall emulation (it would make the fixmap 512 pages larger), no paravirtualisation. vmalloc= and
 * highmem= do not exist on 64 bits and are ignored, as the kernel ignores them.
 */
import { type LayoutFamilyMember } from './family.ts';
export declare const TEXTBOOK_64: readonly LayoutFamilyMember[];
export declare const LINUX_64: readonly LayoutFamilyMember[];
