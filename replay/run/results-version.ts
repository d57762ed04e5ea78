/**
 * Raised with every change after which some run comes to something else: results that were kept are then made anew.
 * tests/golden/digests.test.ts notices when it should have been.
 */
export const RESULTS_VERSION = 9;
