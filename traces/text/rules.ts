/** What importers call lines that they cannot tell from noise. When these are most, the import says so loudly. */
export const UNRECOGNISED = {
  output: 'output of the program',
  other: 'line of no known form',
} as const;
