/** Little workloads, written out event by event: `cpu +thinkNs kind fields`. */
import { expect, test } from 'vitest';
import { eventsOf } from '../../core/event/batch.ts';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { Engine, type EngineSettings } from '../../workloads/engine/engine.ts';
import { type Body, type Task, WaitQueue } from '../../workloads/engine/task.ts';

const SETTINGS: EngineSettings = { seed: 1, cpus: 1, batchSize: 8, events: 1000, drain: false };
const RW = PROT_READ | PROT_WRITE;

function play(settings: Partial<EngineSettings>, start: (engine: Engine) => void): string[] {
  const engine = new Engine({ ...SETTINGS, ...settings });
  start(engine);
  return [...engine.run()].flatMap((batch) => [...eventsOf(batch)].map(line));
}

function line(event: MemoryEvent): string {
  const fields = event as unknown as Record<string, number>;
  const values = Object.keys(EVENT_KINDS[event.kind].fields).map((name) => ` ${fields[name]}`);
  return `${event.cpu} +${event.thinkNs} ${event.kind}${values.join('')}`;
}

test('a process: its pages, its heap, its child, its end', () => {
  const lines = play({}, (engine) =>
    engine.startProcess(function* parent(self) {
      const page = self.mmap(4096, RW);
      self.think(30);
      self.write(page, 8);
      self.brk(8192);
      self.read(self.heap, 0, 4);
      self.fork(function* child(its) {
        its.write(its.heap, 16);
        its.exec();
        its.brk(4096); // object 1 and 2 are still alive in the parent
        yield 0;
      });
      yield 100;
      self.munmap(page);
    }),
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "0 +0 spawn 1",
      "0 +0 switch 1",
      "0 +0 mmap 1 4096 3 0",
      "0 +30 access 1 8 8 1",
      "0 +0 brk 2 8192",
      "0 +0 access 2 0 4 0",
      "0 +0 fork 2",
      "0 +0 switch 2",
      "0 +0 access 2 16 8 1",
      "0 +0 exec",
      "0 +0 brk 3 4096",
      "0 +0 exit",
      "0 +100 switch 1",
      "0 +0 munmap 1 0 0",
      "0 +0 exit",
    ]
  `);
});

test('yield 0 lets the others go first; a longer wait leaves the cpu idle', () => {
  const lines = play({}, (engine) => {
    for (const yields of [
      [0, 0],
      [50, 0],
    ]) {
      engine.startProcess(function* body(self) {
        self.brk(4096);
        for (const wait of yields) {
          self.think(10);
          yield wait;
          self.write(self.heap, 0);
        }
      });
    }
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "0 +0 spawn 1",
      "0 +0 spawn 2",
      "0 +0 switch 1",
      "0 +0 brk 1 4096",
      "0 +10 switch 2",
      "0 +0 brk 2 4096",
      "0 +10 switch 1",
      "0 +0 access 1 0 8 1",
      "0 +10 access 1 0 8 1",
      "0 +0 exit",
      "0 +40 switch 2",
      "0 +0 access 2 0 8 1",
      "0 +10 access 2 0 8 1",
      "0 +0 exit",
    ]
  `);
});

test('a task goes back to its cpu if that is idle, else to another, and leaves no trace on the old one', () => {
  const lines = play({ cpus: 2 }, (engine) => {
    engine.startProcess(function* moves(self) {
      self.brk(4096);
      yield 100; // home is idle again
      self.read(self.heap, 0);
      yield 100; // by now the interrupt has cpu 0
      self.read(self.heap, 8);
      yield 5000; // both are idle, home is cpu 1 now
      self.read(self.heap, 16);
    });
    engine.startKernelTask(function* interrupt(self) {
      const buffer = self.kmalloc(64, GFP_KERNEL);
      self.think(1000);
      yield 0;
      self.kfree(buffer);
    }, 150);
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "0 +0 spawn 1",
      "0 +0 switch 1",
      "0 +0 brk 1 4096",
      "0 +100 access 1 0 8 0",
      "0 +50 kmalloc 2 64 3264",
      "0 +1000 switch 0",
      "1 +200 switch 1",
      "1 +0 access 1 8 8 0",
      "0 +0 kfree 2",
      "1 +5000 access 1 16 8 0",
      "1 +0 exit",
    ]
  `);
});

test('when all cpus are busy, tasks wait in line', () => {
  const lines = play({}, (engine) => {
    for (const delay of [0, 2, 1]) {
      engine.startKernelTask(function* task(self) {
        self.kmalloc(delay + 1, GFP_KERNEL);
        self.think(10);
        yield 0;
      }, delay);
    }
  });
  expect(lines).toEqual(['0 +0 kmalloc 1 1 3264', '0 +10 kmalloc 2 2 3264', '0 +10 kmalloc 3 3 3264']);
});

test('a task of one cpu waits for that one, while others pass it by', () => {
  const lines = play({ cpus: 2 }, (engine) => {
    const task = (size: number): ((self: Task) => Body) =>
      function* body(self) {
        self.kmalloc(size, GFP_KERNEL);
        self.think(10);
        yield 0;
      };
    engine.startKernelTask(task(1), 0, 1);
    engine.startKernelTask(task(2), 0, 1);
    engine.startKernelTask(task(3), 1);
    engine.startKernelTask(task(4), 2);
  });
  expect(lines).toEqual([
    '1 +0 kmalloc 1 1 3264',
    '0 +1 kmalloc 2 3 3264',
    '1 +10 kmalloc 3 2 3264',
    '0 +10 kmalloc 4 4 3264',
  ]);
});

test('files and slab caches come into being on the way; drain destroys a cache after its objects', () => {
  const lines = play({ events: 4, drain: true }, (engine) => {
    engine.startKernelTask(function* task(self) {
      const cache = self.cacheCreate(232, 0x2000);
      self.cacheFree(self.cacheAlloc(cache, GFP_KERNEL));
      self.cacheAlloc(cache, GFP_KERNEL);
      self.fileRead(self.createFile(4096), 0, 4096);
      yield 5;
    });
  });
  expect(lines).toEqual([
    '0 +0 kmem_cache_create 1 232 0 8192',
    '0 +0 kmem_cache_alloc 1 1 3264',
    '0 +0 kmem_cache_free 1',
    '0 +0 kmem_cache_alloc 1 1 3264',
    '0 +0 file 1 4096',
    '0 +0 file_read 1 0 4096',
    '0 +0 kmem_cache_free 1',
    '0 +0 kmem_cache_destroy 1',
    '0 +0 file_drop 1',
  ]);
});

test('a wait queue wakes who has waited longest, when the waker is there in time', () => {
  const lines = play({ cpus: 3 }, (engine) => {
    const bell = new WaitQueue();
    for (const size of [11, 22]) {
      engine.startKernelTask(function* sleeper(self) {
        yield bell;
        self.kmalloc(size, GFP_KERNEL);
      });
    }
    engine.startKernelTask(function* ringer(self) {
      self.think(500);
      bell.wakeOne(self);
      yield 1000;
      bell.wakeOne(self);
      bell.wakeOne(self); // nobody is there
    });
  });
  expect(lines).toEqual(['0 +500 kmalloc 1 11 3264', '1 +1500 kmalloc 2 22 3264']);
});

test.each([
  [2 ** 32 - 1, 4294967295],
  [2 ** 32, 4294967295],
])('%d ns of idleness are recorded as %d', (sleepNs, thinkNs) => {
  const lines = play({}, (engine) =>
    engine.startKernelTask(function* task(self) {
      yield sleepNs;
      self.kfree(self.kmalloc(8, GFP_KERNEL));
    }),
  );
  expect(lines[0]).toBe(`0 +${thinkNs} kmalloc 1 8 3264`);
});

test.each([0, 1, 7, 8, 9])('exactly %d events when as many are asked for', (events) => {
  const lines = play({ events }, (engine) =>
    engine.startKernelTask(function* task(self) {
      for (;;) {
        for (let n = 0; n < 3; n++) self.kfree(self.kmalloc(8, GFP_KERNEL));
        yield 1;
      }
    }),
  );
  expect(lines.length).toBe(events);
});

test('drain ends the burst, then everything', () => {
  const lines = play({ events: 9, drain: true, cpus: 2 }, (engine) => {
    const file = engine.file(100);
    engine.startProcess(function* body(self) {
      self.mmap(100, PROT_READ, file);
      yield 10;
    });
    engine.startKernelTask(function* task(self) {
      self.kmalloc(8, GFP_KERNEL);
      self.vmalloc(8);
      self.ioremap(4096, 0xfd000);
      const pages = self.pageAlloc(1, GFP_HIGHUSER);
      self.kmap(pages, 1);
      self.kfree(self.kmalloc(16, GFP_KERNEL));
      yield 5;
    });
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "0 +0 file 1 100",
      "0 +0 spawn 1",
      "0 +0 switch 1",
      "0 +0 mmap 1 100 1 1",
      "1 +0 kmalloc 2 8 3264",
      "1 +0 vmalloc 3 8",
      "1 +0 ioremap 4 4096 1036288 0",
      "1 +0 page_alloc 5 1 1051842",
      "1 +0 kmap 5 1",
      "1 +0 kmalloc 6 16 3264",
      "1 +0 kfree 6",
      "0 +0 exit",
      "0 +0 kunmap 5 1",
      "0 +0 kfree 2",
      "0 +0 vfree 3",
      "0 +0 iounmap 4",
      "0 +0 page_free 5",
      "0 +0 file_drop 1",
    ]
  `);
});

test('numbers of the dead are given out again', () => {
  const objects: number[] = [];
  const pids: number[] = [];
  play({}, (engine) => {
    engine.startProcess(function* parent(self) {
      const shared = self.mmap(4096, RW);
      for (let n = 0; n < 3; n++) {
        self.fork(function* child(its) {
          pids.push(its.pid);
          objects.push(its.mmap(4096, RW));
          yield 10;
        });
        yield 100;
      }
      self.fork(function* heir(its) {
        yield 100;
        its.read(shared, 0);
        objects.push(its.mmap(4096, RW));
      });
      self.munmap(shared); // but the heir still has it
    });
  });
  expect(pids).toEqual([2, 2, 2]);
  expect(objects).toEqual([2, 2, 2, 2]);
});
