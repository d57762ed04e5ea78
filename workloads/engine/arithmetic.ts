/**
 * Natural logarithm and exponential from + - * / alone. IEEE 754 fixes those four to the last bit, whereas
 * Math.log, Math.exp and Math.pow may differ between engines, versions and platforms (ECMA-262 leaves them
 * "implementation-approximated"). What a seed produces must not.
 *
 * ln is right to 1e-12 and exp to 1e-12 of its value, far finer than the integers that distributions round to.
 */
/** Terms of the artanh series: the argument is at most 1/3, so what is cut off is below 3^-25. */
const ARTANH_TERMS = 12;

/** ln(x) for 0.5 <= x < 2^32. */
export function ln(x: number): number {
  const exponent = 32 - Math.clz32(x); // x = m * 2^exponent with m in [0.5, 1)
  const m = scaleByPowerOfTwo(x, -exponent);
  const s = (m - 1) / (m + 1); // ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...)
  let sum = 0;
  for (let k = 2 * ARTANH_TERMS - 1; k > 0; k -= 2) sum = sum * s * s + 1 / k;
  return exponent * Math.LN2 + 2 * s * sum;
}

/** Terms of the Taylor series for |r| <= ln(2) / 2. */
const EXP_TERMS = 14;

/** e^x for |x| < 700. */
export function exp(x: number): number {
  const exponent = Math.round(x / Math.LN2);
  const r = x - exponent * Math.LN2;
  let sum = 1;
  for (let k = EXP_TERMS; k > 0; k--) sum = 1 + (sum * r) / k;
  return scaleByPowerOfTwo(sum, exponent);
}

function scaleByPowerOfTwo(x: number, exponent: number): number {
  let scaled = x;
  for (let n = exponent; n > 0; n--) scaled *= 2;
  for (let n = exponent; n < 0; n++) scaled *= 0.5;
  return scaled;
}
