/** What a person brings to a command or drops on a page: told what it is, read as text, imported. */
export {
  A_CAPTURE,
  type Capture,
  captureIn,
  captureOfTar,
  MOST_CAPTURE_BYTES,
  MOST_FILES,
  wholeText,
} from './capture.ts';
export { baseName, blocksIn, contentOf, entrySources } from './content.ts';
export { digesting } from './digest.ts';
export { type GatheredEvidence, gatherEvidence, OF_A_BOARD } from './evidence.ts';
export {
  type ImportSource,
  importInto,
  importLines,
  importParameters,
  importStem,
  ofCapture,
} from './import.ts';
export { eventsOf, importedEvents, unpackedSource } from './recording.ts';
