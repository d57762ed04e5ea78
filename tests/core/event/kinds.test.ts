/** What the rows of the vocabulary claim, against what the machine does. */
import { describe, expect, test } from 'vitest';
import type { KindName } from '../../../core/event/kinds.ts';
import { allKinds, kindNamed, kindOf } from '../../../core/event/vocabulary.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { pc } from '../../support/pc.ts';
import {
  cache,
  coherent,
  device,
  eventOf,
  fromCache,
  ioremap,
  kmalloc,
  pages,
  Session,
  type Step,
  vmalloc,
} from '../../support/rows.ts';

interface Life {
  /** What must be there before, how it is made, and how it is ended. */
  readonly given?: readonly Step[];
  readonly born: Step;
  readonly ends: Step;
}

const LIVES: readonly Life[] = [
  { born: pages(1, 2), ends: { kind: 'page_free', object: 1 } },
  { born: kmalloc(1, 64), ends: { kind: 'kfree', object: 1 } },
  { given: [cache(1, 64)], born: fromCache(1, 1), ends: { kind: 'kmem_cache_free', object: 1 } },
  { born: cache(1, 64), ends: { kind: 'kmem_cache_destroy', cache: 1 } },
  { born: vmalloc(1, 8192), ends: { kind: 'vfree', object: 1 } },
  { born: ioremap(1, 4096, 0xfe000), ends: { kind: 'iounmap', object: 1 } },
  {
    given: [pages(2, 2)],
    born: { kind: 'vmap', object: 1, pages: 2, count: 4 },
    ends: { kind: 'vunmap', object: 1 },
  },
  {
    born: { kind: 'vm_area', object: 1, size: 4096, align: 0 },
    ends: { kind: 'free_vm_area', object: 1 },
  },
  {
    given: [device(1, 32)],
    born: coherent(1, 1, 4096),
    ends: { kind: 'dma_free_coherent', object: 1 },
  },
  { born: device(1, 32), ends: { kind: 'device_remove', device: 1 } },
];

describe('kinds that bring something into being, and those that end it', () => {
  for (const { given = [], born, ends } of LIVES) {
    test(`${born.kind} and ${ends.kind}`, () => {
      const [bears, kills] = [kindNamed(born.kind)!, kindNamed(ends.kind)!];
      expect([bears.row.creates, kills.row.destroys]).toEqual([true, true]);
      expect(bears.subject).toBe(kills.subject);
      const session = new Session(pc).given(...given, born);
      expect(session.status(born)).toBe('exists');
      session.given(ends);
      expect(session.status(ends)).toBe(kills.subject === 'object' ? 'no-object' : `no-${kills.subject}`);
      session.given(born);
    });
  }

  test('are all of them in these tests', () => {
    const ended = allKinds().filter(({ row }) => row.destroys);
    expect(new Set(ended.map(({ name }) => name))).toEqual(new Set(LIVES.map(({ ends }) => ends.kind)));
  });
});

describe('the rows', () => {
  test('have codes and columns of their own', () => {
    const codes = allKinds().map(({ row }) => row.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { name, row, fields } of allKinds()) {
      expect(kindOf(row.code)?.name).toBe(name);
      const columns = fields.map(({ column }) => column);
      expect(new Set(columns).size, name).toBe(columns.length);
    }
  });

  test('say of what space the subject is', () => {
    const subjects = (['kfree', 'switch', 'file_read', 'kmem_cache_create', 'device', 'exec'] as const).map(
      (name: KindName) => kindNamed(name)!.subject,
    );
    expect(subjects).toEqual(['object', 'pid', 'file', 'cache', 'device', 'object']);
  });

  test('of system calls are of what a process does: on a cpu that runs none they fail, but for files', () => {
    for (const { name, row, fields } of allKinds()) {
      const values = Object.fromEntries(fields.map((field) => [field.name, 1]));
      const step = eventOf({ kind: name, ...values } as unknown as Step);
      const status = new Session(pc).status(step);
      if (row.systemCall)
        expect([name, status]).toEqual([name, name.startsWith('file_') ? 'no-object' : 'no-process']);
    }
  });

  test('of statuses stand at their codes', () => {
    expect(STATUSES.map(({ code }) => code)).toEqual(STATUSES.map((_, i) => i));
  });
});
