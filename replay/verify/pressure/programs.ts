/** The scripts of the captured programs, by the kernel's boot option `scn=`; src/scenarios.c of the captures does the same. */

/** N pages are written, the first H read; then M new ones, and after every 8 of them 8 of the first H in turn. */
const SWAP = `begin start
process swap
anon anon N+M
write anon 0 N/2+1
mark half
write anon N/2+1 N-N/2-1
mark filled
read anon 0 H
mark hot-read
repeat M/8 as i
  write anon N+i*8 8
  read anon i*8%H 8
end
mark hot-and-new
`;

/**
 * The file of the captures lies in blocks of 1 KiB, one in each page and then a hole: an extent a page, 83 in a leaf of its
 * tree. A leaf is a page of the disk's own cache, used twice while it is read (sb_getblk and ext4_read_bh of
 * fs/ext4/extents.c), and all that it tells is remembered, of each extent and of each hole (ext4_cache_extents; extents.ts).
 */
const LEAF_EXTENTS = 83;
/** From leaf to leaf, with the blocks of what it tells of in between, in pages. */
const LEAF_STEP = 21;
const leafOf = (
  first: string,
  pages: number,
): string => `if (${first}+${pages + LEAF_EXTENTS - 1})/${LEAF_EXTENTS}-(${first}+${LEAF_EXTENTS - 1})/${LEAF_EXTENTS}
  pread disk ((${first}+${pages - 1})/${LEAF_EXTENTS}+1)*${LEAF_STEP} 1
  pread disk ((${first}+${pages - 1})/${LEAF_EXTENTS}+1)*${LEAF_STEP} 1
  slab rcl-buffer_head 104 4
  extents (${first}+${pages - 1})/${LEAF_EXTENTS}*${2 * LEAF_EXTENTS} ${2 * LEAF_EXTENTS}
end`;

/** A anonymous pages; a file of which F pages are read twice, F more once, then all to page E by read() of 64 KiB. */
const CACHE = `begin start
default rehot 0
process cache
file /mnt/f 65536
file disk 65536
anon anon A
mapfile file /mnt/f 2*F
write anon 0 A
mark anon
repeat F/16 as i
  ${leafOf('i*16', 16)}
  read file i*16 16
end
read file 0 F
repeat F/16 as i
  ${leafOf('F+i*16', 16)}
  read file F+i*16 16
end
mark mapped
repeat (E-2*F)/16 as i
  ${leafOf('2*F+i*16', 16)}
  pread /mnt/f 2*F+i*16 16
  if (2*F+i*16)/16==(2*F+E)/32
    mark half
  end
  if rehot*(i%4==0)
    recall /mnt/f F 16 ${LEAF_EXTENTS}
    repeat F/16 as k
      read file k*16 1
    end
  end
end
mark read
recall /mnt/f F 8 ${LEAF_EXTENTS}
repeat F/8 as k
  read file k*8 1
end
mark reread
`;

const HOLDERS = `begin begin
default holders 100:0,50:0,150:-500,20:300
each holders as mb adj n
  process holder_{n} adj
  anon held_{n} mb*256
  write held_{n} 0 mb*256
end
mark holders
`;

/** Holders of memory, then one that takes more and more. */
const OOM = `${HOLDERS}process eater
mark eat-start
forever
  anon eaten 256
  write eaten 0 256
end
mark end
`;

/**
 * Holders, then names that are looked up in vain, then messages of 3,000 bytes in sockets: a buffer of kmalloc-4k and a
 * head of 192 bytes each (sk_buff of 6.1 on i386). A name beyond what is inline takes a dentry and kmalloc-rcl-128.
 */
const LOWMEM = `${HOLDERS}default dentries 0
if dentries
  process names
  slab rcl-dentry 136 dentries/2
  slab rcl-name 128 dentries/2
  mark dentries-half
  slab rcl-dentry 136 dentries/2
  slab rcl-name 128 dentries/2
  mark dentries
  exit
end
process sockets
mark sock-start
forever
  kmalloc 4096 64
  slab skbuff_head_cache 192 64
end
mark end
`;

/**
 * Huge pages: 32 are touched, then cut, given back, protected, moved, shared and left to khugepaged. H: base pages of
 * one; `k`: 512, 256 and 1 pages written and 512 read, before huge pages are asked for.
 */
const THP = `begin begin
default H 512
default madv 0
process thp
anon data 1
write data 0 1
hugeanon a 32*H H
step 0
if madv
  madvise a hugepage 0 16*H
end
write a 0 32*H
wait 1
step 1
wait 2
unmap a 10 3
step 2
wait 3
madvise a dontneed H+100 50
step 3
wait 4
madvise a dontneed 2*H H
step 4
wait 5
read a 2*H 1
step 5
wait 6
write a 2*H+7 1
step 6
wait 7
mprotect a 3*H+64 32 r
step 7
wait 8
mprotect a 4*H H r
step 8
mprotect a 4*H H rw
wait 9
hugeanon t 3*H H
mremap a 5*H 128 t H+5
step 9
wait 10
mremap a 6*H H t 2*H
step 10
wait 11 300
fork child
switch child
write a 8*H+3 1
write a 9*H+3 1
read a 10*H 1
switch thp
wait 11
step 11
wait 12
write a 11*H 1
step 12
wait 13
write a 8*H 1
step 13
wait 14
switch child
exit
switch thp
write a 12*H 1
step 14
wait 15
step 15
wait 16
hugeanon k 3*H+512 H
madvise k nohugepage
write k 0 512
repeat 256 as i
  write k H+i*2 1
end
write k 2*H 1
read k 3*H 512
step 16
madvise k hugepage
wait 17
step 17
exit
mark thp-end
`;

/** A disk behind bounce buffers is read directly, then 16 times 64 KiB of its ninth MiB through the page cache. */
const SWIO = `begin begin
dread 512
dread 4096
dread 8192
dread 65536
dread 262144
dread 1048576
repeat 16 as i
  bread 2048+i*16 16
end
mark swiotlb-end
`;

/** Pages of each kind, while both page tables are read; then a fork, and ranges that are flushed. */
const PTI = `begin begin
process isolated
anon anon 64
write anon 0 8
read anon 9 1
mprotect anon 2 1 r
mprotect anon 3 1 none
mark spin
fork child
switch child
repeat 8 as i
  if (i==2)+(i==3)==0
    write anon i 1
  end
end
exit
switch isolated
write anon 0 2
unmap anon 0 4
unmap anon 4 60
anon b 128
write b 0 128
mprotect b 0 33 r
mprotect b 40 34 r
madvise b dontneed 80 10
mark pti-end
`;

/** P base pages of which `keep` in 8 stay, so that large blocks are gone; then huge pages, for which others have to move. */
const COMP = `begin begin
default H 512
default keep 2
default huge 16
process compacting
anon anon P
madvise anon nohugepage
write anon 0 P
mark filled
repeat P/8 as i
  madvise anon dontneed i*8+keep 8-keep
end
mark fragmented
hugeanon huge huge*H H
madvise huge hugepage 0 huge*H
repeat huge as k
  write huge k*H 1
end
mark huge
compactall
mark compact-all
`;

export const PROGRAMS: Readonly<Record<string, string>> = {
  swap: SWAP,
  cache: CACHE,
  oom: OOM,
  lowmem: LOWMEM,
  thp: THP,
  swio: SWIO,
  pti: PTI,
  comp: COMP,
};
