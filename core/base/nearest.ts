/** What a mistyped word most likely meant. */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to the word, if fewer than half of its letters have to change; of several, the first. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.ceil(word.length / 2);
  for (const candidate of candidates) {
    const steps = distance(word, candidate);
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}
