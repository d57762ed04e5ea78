/** What a TLB model of one's own is made of: its interface, the runs that it is given, and the keys in them. */
export { keyBase, keyPage, keyTag, tagAsid, tagSizeClass } from './keys.ts';
export type { HeldEntry, Misses, TableTree, TlbMaker, TlbModel, TlbPart } from './model.ts';
export { REF_EXECUTE, REF_KERNEL, REF_STORE, type Run } from './run.ts';
