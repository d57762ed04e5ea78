/** What the views of the page draw: plain data of a machine at a moment, which can be sent from a worker as it is. */
export { type AddressSpace, addressSpaceOf, type SpaceRegion } from './address-space.ts';
export { type Linked, linkedOf, MOST_RANGES } from './linked.ts';
export {
  FRAME_COLOURS,
  type FrameClass,
  type FrameColour,
  MOST_CELLS,
  type PhysicalMap,
  type PhysicalRequest,
  physicalMapOf,
  type ZoneFacts,
} from './physical.ts';
export type { Piece, PieceKind } from './pieces.ts';
export type { Place } from './places.ts';
export {
  addressAt,
  positionOf,
  type Scale,
  type ScaledRange,
  type ScaleOptions,
  type ScaleRule,
  scaleOf,
} from './scale.ts';
export { parseSelection, type Selection, selectionText } from './selection.ts';
export { type CpuRow, type WalkField, type WalkModel, type WalkRow, walkModelOf } from './walk.ts';
