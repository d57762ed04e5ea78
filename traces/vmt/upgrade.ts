/**
 * Records of older versions of the format, as the present one has them: step by step, from each version to the next, so
 * that a new version adds one entry here and changes none. A record is a map as decoded; its checksum has been verified.
 */
import { Fault, NewerFault } from '../base/errors.ts';
import { VERSION } from './format.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a version made of the records of the one before. */
export interface Upgrade {
  header(fields: Fields): Fields;
  chunk(fields: Fields): Fields;
  index(fields: Fields): Fields;
}

/** By the version that they upgrade from: one for each but the present one. */
export const UPGRADES: Readonly<Record<number, Upgrade>> = {};

const AS_IT_IS: Upgrade = {
  header: (fields) => fields,
  chunk: (fields) => fields,
  index: (fields) => fields,
};

/** All steps from a version to the present one. Faults: a newer version, and one that never was. */
export function upgradeFrom(version: number, steps = UPGRADES, present = VERSION): Upgrade {
  if (version > present)
    throw new NewerFault(`a trace of format version ${version}`, `version ${present} or an older one`);
  if (version < 1) throw new Fault(`a trace of format version ${version}`, `versions 1 to ${present}`);
  let upgrade = AS_IT_IS;
  for (let from = version; from < present; from++) upgrade = then(upgrade, steps[from]!);
  return upgrade;
}

function then(first: Upgrade, second: Upgrade): Upgrade {
  return {
    header: (fields) => second.header(first.header(fields)),
    chunk: (fields) => second.chunk(first.chunk(fields)),
    index: (fields) => second.index(first.index(fields)),
  };
}
