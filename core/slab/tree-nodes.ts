/**
 * Nodes of the trees in which a kernel finds the pages of a file and of the swap cache: 64 entries each, objects of the cache
 * radix_tree_node, whose slabs are reclaimable (lib/xarray.c: xas_create, xas_delete_node; lib/radix-tree.c:
 * radix_tree_init; add_to_swap_cache of mm/swap_state.c, v6.1). A page that was reclaimed leaves its shadow in its place, so
 * a node stays as long as one of its places is taken.
 *
 * They cost little memory, but while nothing else is free it is for their slabs that blocks change from movable to
 * reclaimable and back, which raises the marks of a zone each time. Only machines that reclaim have them.
 *
 * Simplified: nodes above the leaves are there once a page wants them, and go with the last leaf; the shadows of files are
 * never reclaimed, nor their nodes (workingset_shadow_shrinker).
 */

import { __GFP_KSWAPD_RECLAIM, __GFP_MEMALLOC, GFP_KERNEL } from '../event/gfp.ts';
import { SLAB_CONSTRUCTOR, SLAB_RECLAIM_ACCOUNT } from '../event/slab-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { TableEdit } from '../state/table.ts';
import { addCache } from './caches.ts';
import { slabGeometry, slabPlatform } from './geometry.ts';
import { type SlabObject, slabAlloc, slabFree } from './slab.ts';
import { SLAB_VAR } from './state.ts';

/** XA_CHUNK_SHIFT: a level. */
const LEVEL_SHIFT = 6;
const PER_NODE = 1 << LEVEL_SHIFT;
/** log2 of the slots that have a tree of their own (SWAP_ADDRESS_SPACE_SHIFT). */
const SWAP_TREE_SHIFT = 14;

/** Bytes of struct xa_node: shift to nr_values, parent and array, private_list, the slots, three marks of 64 bits. */
function nodeBytes(pointerBytes: number): number {
  return 4 + (pointerBytes === 8 ? 4 : 0) + (2 + 2 + PER_NODE) * pointerBytes + 24;
}

/** Fields of a row of `fileNodes` and `swapNodes`: the object that is the node, slab 0 if there is none; of the swap area, its entries or nodes below. */
export const NODE = { slab: 0, index: 1, entries: 2 } as const;

/** What of a file a tree is known by. */
interface FilePages {
  readonly firstSlot: number;
  readonly nrPages: number;
}

const taken: SlabObject = { slab: 0, index: 0 };

/** The page is to be found in the tree of its file from here on. */
export function addFileEntry(draft: Draft, { firstSlot, nrPages }: FilePages, page: number): void {
  const nrLeaves = leavesOf(nrPages);
  if (nrPages > 1) need(draft, draft.fileNodes, firstSlot + (page >>> LEVEL_SHIFT), GFP_KERNEL);
  if (page < PER_NODE) return;
  const above = firstSlot + nrLeaves;
  need(draft, draft.fileNodes, above + (page >>> (2 * LEVEL_SHIFT)), GFP_KERNEL);
  if (page >>> (2 * LEVEL_SHIFT) === 0) return;
  need(draft, draft.fileNodes, above + leavesOf(nrLeaves) + (page >>> (3 * LEVEL_SHIFT)), GFP_KERNEL);
}

/** Calls `visit` with the pages of each leaf that has a node, ascending: from the first on, as many. */
export function forEachLeafNode(
  { fileNodes }: Draft,
  { firstSlot, nrPages }: FilePages,
  visit: (first: number, count: number) => void,
): void {
  fileNodes.forEachUsed(firstSlot, firstSlot + leavesOf(nrPages), (row) => {
    const first = (row - firstSlot) * PER_NODE;
    visit(first, Math.min(PER_NODE, nrPages - first));
  });
}

/** None of the pages of a leaf is there any more, and no shadow of one. */
export function dropLeaf(draft: Draft, { firstSlot }: FilePages, page: number): void {
  drop(draft, draft.fileNodes, firstSlot + (page >>> LEVEL_SHIFT));
}

/** The file ends. */
export function dropFileTree(draft: Draft, { firstSlot, nrPages }: FilePages): void {
  let nrNodes = 0;
  for (let level = leavesOf(nrPages); ; level = leavesOf(level)) {
    nrNodes += level;
    if (level <= 1) break;
  }
  const { fileNodes } = draft;
  fileNodes.forEachUsed(firstSlot, firstSlot + Math.min(nrNodes, nrPages), (row) =>
    drop(draft, fileNodes, row),
  );
}

function leavesOf(nrPages: number): number {
  return Math.ceil(nrPages / PER_NODE);
}

/** From the leaves up to the root of a tree: where the rows of `swapNodes` begin, and log2 of the slots of a node. */
const SWAP_LEVELS = [
  { firstRow: 0, shift: LEVEL_SHIFT },
  { firstRow: 2 ** 28, shift: 2 * LEVEL_SHIFT },
  { firstRow: 2 ** 29, shift: SWAP_TREE_SHIFT },
] as const;

/** The page is to be found by its slot from here on. Whoever does that is at reclaim, and may have what nobody else may. */
export function addSwapEntry(draft: Draft, slot: number): void {
  const { swapNodes } = draft;
  let isFirst = true;
  for (let level = 0; level < SWAP_LEVELS.length; level++) {
    const row = swapRow(level, slot);
    if (level === 0 || slot >= PER_NODE ** level) need(draft, swapNodes, row, __GFP_MEMALLOC);
    if (isFirst) swapNodes.add(row, NODE.entries, 1);
    isFirst &&= swapNodes.get(row, NODE.entries) === 1;
  }
}

/** The slot is free. */
export function removeSwapEntry(draft: Draft, slot: number): void {
  const { swapNodes } = draft;
  for (let level = 0; level < SWAP_LEVELS.length; level++) {
    const row = swapRow(level, slot);
    swapNodes.add(row, NODE.entries, -1);
    if (swapNodes.get(row, NODE.entries) > 0) return;
    drop(draft, swapNodes, row);
  }
}

function swapRow(level: number, slot: number): number {
  const { firstRow, shift } = SWAP_LEVELS[level]!;
  return firstRow + (slot >>> shift);
}

/**
 * xas_create() under the lock of the tree, which may not wait; then, where that failed, xas_nomem() with what the caller
 * may do. Without memory the tree does without the node.
 */
function need(draft: Draft, nodes: TableEdit, row: number, otherGfp: number): void {
  if (nodes.get(row, NODE.slab) !== 0) return;
  const cache = nodeCache(draft);
  const memalloc = otherGfp & __GFP_MEMALLOC;
  const failed = slabAlloc(draft, cache, __GFP_KSWAPD_RECLAIM | memalloc, taken) < 0;
  if (failed && (memalloc !== 0 || slabAlloc(draft, cache, otherGfp, taken) < 0)) return;
  nodes.set(row, NODE.slab, taken.slab);
  nodes.set(row, NODE.index, taken.index);
}

function drop(draft: Draft, nodes: TableEdit, row: number): void {
  const slab = nodes.get(row, NODE.slab);
  if (slab === 0) return;
  slabFree(draft, slab, nodes.get(row, NODE.index));
  nodes.set(row, NODE.slab, 0);
  nodes.set(row, NODE.index, 0);
}

/** radix_tree_node: made when the first node is wanted. */
function nodeCache(draft: Draft): number {
  const { vars, platform } = draft;
  if (vars[SLAB_VAR.nodeCache] === 0) {
    const flags = SLAB_RECLAIM_ACCOUNT | SLAB_CONSTRUCTOR;
    const objectSizeBytes = nodeBytes(platform.layout.arch.pointerBytes);
    const geometry = slabGeometry({ objectSizeBytes, alignBytes: 0, flags }, slabPlatform(platform.layout))!;
    vars[SLAB_VAR.nodeCache] = addCache(draft, geometry, flags, 0) + 1;
  }
  return vars[SLAB_VAR.nodeCache]! - 1;
}
