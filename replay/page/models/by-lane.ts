/** What the views ask of a moment, of every lane: the same question to each machine. */
import { eventAt } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { scaled } from '../../lane/lane.ts';
import { type AddressSpace, addressSpaceOf } from './address-space.ts';
import { addressTypesOf, type TypeRow } from './address-types.ts';
import { type Linked, linkedOf } from './linked.ts';
import { type PhysicalMap, type PhysicalRequest, physicalMapOf } from './physical.ts';
import type { Scene } from './scene.ts';
import type { Selection } from './selection.ts';
import { type WalkModel, walkModelOf } from './walk.ts';

/** `pid`: whose user half; where that process is not alive, as without one. */
export function addressSpaces({ lanes }: Scene, { pid }: { readonly pid?: number }): AddressSpace[] {
  return lanes.map(({ machine }) => {
    const isAlive = pid !== undefined && machine.records.processes[pid] !== undefined;
    return addressSpaceOf(machine, isAlive ? pid : undefined);
  });
}

export function physicalMaps({ lanes }: Scene, request: PhysicalRequest): PhysicalMap[] {
  return lanes.map(({ machine }) => physicalMapOf(machine, request));
}

export interface Selected {
  readonly linked: Linked;
  /** Of the address that is meant, what the byte there is; empty where there is none. */
  readonly types: readonly TypeRow[];
}

interface Picked {
  /** Undefined: nothing is picked, and nothing is told. */
  readonly selection: Selection | undefined;
}

/** All that goes with what is picked; of the event that is met next, what it is about. */
export function selectedThings(scene: Scene, { selection }: Picked): Selected[] {
  return linksByLane(scene, selection).map((links) => ({
    linked: links.linked,
    types: atAddress(links, addressTypesOf) ?? [],
  }));
}

/** The walk of the address that is meant; null where there is none. */
export function walks(scene: Scene, { selection }: Picked): (WalkModel | null)[] {
  return linksByLane(scene, selection).map((links) => atAddress(links, walkModelOf) ?? null);
}

/** Links, and the machine in which they are so. */
interface LaneLinks {
  readonly linked: Linked;
  readonly machine: Machine;
}

function linksByLane({ event, lanes, next }: Scene, selection: Selection | undefined): LaneLinks[] {
  if (selection === undefined) return [];
  const isNext = selection.kind === 'event' && selection.event === event;
  return lanes.map((lane) => {
    const { machine } = lane;
    const batch = isNext && next !== undefined ? scaled(lane, next).batch : undefined;
    const linked = linkedOf(machine, selection, batch && eventAt(batch, 0));
    return { linked, machine: linked.when === 'after' ? fold(machine, batch!).machine : machine };
  });
}

function atAddress<T>(
  { linked: { address, pid }, machine }: LaneLinks,
  ask: (machine: Machine, address: bigint, pid?: number) => T,
): T | undefined {
  return address === undefined ? undefined : ask(machine, address, pid);
}
