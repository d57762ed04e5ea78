/** What the views of the page draw: plain data of a machine at a moment, which can be sent from a worker as it is. */
export { type AddressSpace, addressSpaceOf, type SpaceRegion } from './address-space.ts';
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
export {
  addressAt,
  positionOf,
  type Scale,
  type ScaledRange,
  type ScaleOptions,
  type ScaleRule,
  scaleOf,
} from './scale.ts';
