/** Pearson's statistic: how far counts are from what was expected. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0);
}

/**
 * The value that the statistic exceeds in one of 1000 samples (Wilson and Hilferty's approximation, good to a
 * percent from 5 degrees of freedom on). Seeds are fixed, so a test that passes once passes always.
 */
export function chiSquareLimit(degrees: number): number {
  const z = 3.0902; // the normal quantile of 0.999
  const k = 2 / (9 * degrees);
  return degrees * (1 - k + z * Math.sqrt(k)) ** 3;
}
