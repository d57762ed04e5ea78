/** State of the TLBs and walk caches: an array for each cpu that ever translated anything; the model says what is in it. */
import { arraysByCpu } from '../state/parts.ts';

export const tlbState = {
  tlbs: arraysByCpu(20, 130),
};
