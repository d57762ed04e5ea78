/** Traces made of traces: a part of one, or several as one. */
export { appended, interleaved, type MergeInput } from '../../traces/edit/merge.ts';
export { type SliceOptions, type SliceResult, sliced } from '../../traces/edit/slice.ts';
