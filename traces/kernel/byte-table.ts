/**
 * A table whose keys are runs of bytes in a larger buffer: recurring texts (event names, cache names, gfp flags)
 * become values without making a string each time.
 */
import { latin1 } from '../host/index.ts';

interface Entry<V> {
  readonly key: Uint8Array;
  readonly value: V;
}

/** Beyond this many different keys the text is no vocabulary, and is not kept. */
const MAX_ENTRIES = 0x1_0000;

export class ByteTable<V> {
  private readonly make: (text: string) => V;
  private slots: (Entry<V> | undefined)[] = new Array(256);
  private count = 0;

  /** @param make makes the value of a text that is seen for the first time; what it throws comes out of `get` */
  constructor(make: (text: string) => V) {
    this.make = make;
  }

  /** The value of bytes[start, end). */
  get(bytes: Uint8Array, start: number, end: number): V {
    const { slots } = this;
    const last = slots.length - 1;
    for (let slot = hash(bytes, start, end) & last; ; slot = (slot + 1) & last) {
      const entry = slots[slot];
      if (entry === undefined) return this.add(bytes, start, end);
      if (isAt(entry.key, bytes, start, end)) return entry.value;
    }
  }

  private add(bytes: Uint8Array, start: number, end: number): V {
    const key = new Uint8Array(bytes.subarray(start, end)); // a copy: the buffer can go
    const value = this.make(latin1(key));
    if (this.count === MAX_ENTRIES) return value;
    if (2 * ++this.count > this.slots.length) this.grow();
    this.put({ key, value });
    return value;
  }

  private grow(): void {
    const entries = this.slots;
    this.slots = new Array(2 * entries.length);
    for (const entry of entries) if (entry !== undefined) this.put(entry);
  }

  private put(entry: Entry<V>): void {
    const last = this.slots.length - 1;
    let slot = hash(entry.key, 0, entry.key.length) & last;
    while (this.slots[slot] !== undefined) slot = (slot + 1) & last;
    this.slots[slot] = entry;
  }
}

/** FNV-1a, its high bits folded into the low ones that choose the slot. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function isAt(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== bytes[start + at]) return false;
  return true;
}
