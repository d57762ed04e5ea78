/** State of huge pages: a single number. */

/** Its single numbers: indexes of `vars`. */
export const THP_VAR = {
  /** First frame of the huge zero page; 0: there is none. */
  hugeZeroPfn: 34,
} as const;
