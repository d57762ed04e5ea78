/**
 * A copy of an object and of all that it leads to, whatever leads back; `shared` stays one and the same. Arrays, maps, sets
 * and instances of classes, whose methods the copies have as well.
 */
export function deepCopy<T extends object>(root: T, shared: ReadonlySet<unknown>): T {
  const copies = new Map<object, object>();
  const waiting: (readonly [from: object, to: object])[] = [];
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || shared.has(value)) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const copy = emptyLike(value);
    copies.set(value, copy);
    waiting.push([value, copy]);
    return copy;
  };
  const copy = copyOf(root) as T;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) fill(next[0], next[1], copyOf);
  return copy;
}

function emptyLike(value: object): object {
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (Array.isArray(value)) return [];
  return Object.create(Object.getPrototypeOf(value)) as object;
}

function fill(from: object, to: object, copyOf: (value: unknown) => unknown): void {
  if (from instanceof Map)
    for (const [key, value] of from) (to as Map<unknown, unknown>).set(copyOf(key), copyOf(value));
  else if (from instanceof Set) for (const value of from) (to as Set<unknown>).add(copyOf(value));
  else for (const [key, value] of Object.entries(from)) (to as Record<string, unknown>)[key] = copyOf(value);
}
