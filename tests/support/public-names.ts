/** What a module exports, by name, and where each of those is declared: read from the sources, types too. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A name as a caller writes it (`sweep.planSweep`), and the line that declares it. */
export interface PublicName {
  readonly name: string;
  /** `replay/sweep/plan.ts:51`, for messages. */
  readonly place: string;
  readonly documented: boolean;
}

const FROM = /^export (?:type )?(?:\*(?: as (\w+))?|\{([^}]*)\}) from '([^']+)';/gm;
const DECLARED = /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/;

/** All that a module exports, with what its namespaces hold. */
export function publicNames(file: string): PublicName[] {
  const text = readFileSync(file, 'utf8');
  const passedOn = [...text.matchAll(FROM)].flatMap(([, space, list, from]) => {
    const names = publicNames(join(dirname(file), from!));
    if (list !== undefined) return listed(list).flatMap(([own, name]) => renamed(names, own, name));
    return space === undefined ? names : names.map((one) => ({ ...one, name: `${space}.${one.name}` }));
  });
  const lines = text.split('\n');
  const declared = lines.flatMap((line, i): PublicName[] => {
    const name = DECLARED.exec(line)?.[1];
    if (name === undefined) return [];
    return [{ name, place: `${file}:${i + 1}`, documented: lines[i - 1]?.endsWith('*/') ?? false }];
  });
  return [...passedOn, ...declared];
}

/** `a, type b as c`: the names of the module, and those that they get. */
function listed(list: string): [string, string][] {
  return [...list.matchAll(/(?:type )?(\w+)(?: as (\w+))?/g)].map(([, own, name]) => [own!, name ?? own!]);
}

function renamed(names: readonly PublicName[], own: string, name: string): PublicName[] {
  return names.filter((one) => one.name === own).map((one) => ({ ...one, name }));
}
