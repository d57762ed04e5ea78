/** State of reclaim: single numbers only; the lists are those of pages. */

/** Its single numbers: indexes of `vars`. */
export const RECLAIM_VAR = {
  /** Runs of kswapd in a row that freed too little (kswapd_failures of pg_data_t). */
  kswapdFailures: 32,
  /** The process that the OOM killer ended last. */
  oomVictim: 33,
} as const;
