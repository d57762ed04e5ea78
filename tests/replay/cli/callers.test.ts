/** Who asked for an object, from a kernel's trace and its /proc/vmallocinfo to what at and explain say. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { MAX_NAMED_OBJECTS, TraceWriter } from '../../../traces/index.ts';
import { fileSink } from '../../../traces/node/index.ts';
import { at } from '../../support/kernel-lines.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

const SITE = 'security_inode_alloc+0x2e/0xa0';
const MODULE = 'ovl_alloc_entry+0x18/0x60 [overlay]';
const kmalloc = (us: number, site: string, ptr: number, bytes: number): string =>
  at(
    us,
    `kmalloc: call_site=${site} ptr=${ptr} bytes_req=${bytes} bytes_alloc=${bytes} gfp_flags=GFP_KERNEL`,
  );
const LINES = [kmalloc(1, SITE, 1, 64), kmalloc(2, MODULE, 2, 8192), at(3, 'kfree: call_site=f ptr=1')];

async function imported(lines = LINES): Promise<string> {
  const folder = temporaryFolder();
  const [text, file] = [join(folder, 'k.txt'), join(folder, 'k.vmt')];
  writeFileSync(text, `${lines.join('\n')}\n`);
  await vmsplit(`import ${text} -o ${file}`);
  return file;
}

describe('call sites of slab objects', () => {
  it('are told of an event, of an address, and in JSON', async () => {
    const file = await imported();
    const { out } = await vmsplit(`explain --trace ${file} --event 2`);
    expect(out).toMatch(/^ {2}object +1 \+ 0x0, of security_inode_alloc\+0x2e\/0xa0$/m);
    const { told } = json(await vmsplit(`explain --trace ${file} --event 3 --json`)) as {
      told: { explanation: { address: string; owner: unknown } }[];
    };
    const { address, owner } = told[0]!.explanation;
    expect(owner).toEqual({ object: 2, offset: 0, caller: MODULE });
    const inside = `0x${(Number(address) + 0x1004).toString(16)}`;
    const asked = await vmsplit(`explain ${inside} --trace ${file}`);
    expect(asked.out).toContain(` 2 + 0x1004, of ${MODULE}\n`);
    expect((await vmsplit(`explain ${inside}`)).out).not.toContain('object ');
  });

  it('go along into slices and merged traces', async () => {
    const file = await imported();
    const [part, both] = ['part', 'both'].map((name) => join(temporaryFolder(), `${name}.vmt`));
    await vmsplit(`slice ${file} --from 3 -o ${part}`);
    expect(json(await vmsplit(`info ${part} --json`))).toMatchObject({ notes: { names: { [MODULE]: '2' } } });
    await vmsplit(`merge ${file} ${file} --append -o ${both}`);
    expect(json(await vmsplit(`info ${both} --json`))).toMatchObject({
      notes: { names: { [SITE]: '2-3', [MODULE]: '4-5' } },
    });
  });

  it('that are more than are read are told, wherever names are', async () => {
    const file = join(temporaryFolder(), 'many.vmt');
    const origin = { tool: 'test', toolVersion: '1', seed: null, parameters: {} };
    const writer = await TraceWriter.create(await fileSink(file), origin);
    await writer.write(batchOf([{ kind: 'vmalloc', cpu: 0, thinkNs: 0, object: 1, size: 4096 }]));
    writer.note({ names: { [MODULE]: `1-${MAX_NAMED_OBJECTS + 5}` } });
    await writer.finish();
    const beyond = /objects that have a name; 5 more are left without$/m;
    expect((await vmsplit(`info ${file}`)).out).toMatch(beyond);
    for (const command of [`at ${file} vmallocinfo`, `explain --trace ${file} --event 0`]) {
      const { out, err } = await vmsplit(command);
      expect(err, command).toMatch(beyond);
      expect(out, command).toContain(MODULE);
    }
  });

  it('cannot make a terminal do anything', async () => {
    const file = await imported([kmalloc(1, 'f\u001b[2J+0x1', 1, 64)]);
    const { out } = await vmsplit(`explain --trace ${file} --event 2`);
    expect(out).toContain('of f\\u001b[2J+0x1\n');
  });

  it('are in no trace that has none', async () => {
    const file = await imported([
      at(1, 'mm_page_alloc: page=1 pfn=5 order=0 migratetype=0 gfp_flags=GFP_KERNEL'),
    ]);
    expect(json(await vmsplit(`info ${file} --json`)).notes).not.toHaveProperty('names');
  });
});

describe('callers of a snapshot', () => {
  const CAPTURE = 'tests/fixtures/kernel/oddcomm';
  const START = 0xffffc90000000000n;

  /** So many areas of two pages and a guard, side by side, by one of two callers each. */
  async function withAreas(count: number): Promise<string> {
    const folder = temporaryFolder();
    for (const name of ['zoneinfo', 'buddyinfo'])
      writeFileSync(join(folder, name), readFileSync(join(CAPTURE, `${name}.before`)));
    const areas = Array.from({ length: count }, (_, i) => {
      const [start, end] = [i, i + 1].map((at) => `0x${(START + BigInt(at) * 0x3000n).toString(16)}`);
      return `${start}-${end} 12288 ${i < count / 2 ? 'acpi_os_map+0x1f/0x30' : MODULE} pages=2 vmalloc\n`;
    });
    writeFileSync(join(folder, 'vmallocinfo'), areas.join(''));
    const file = join(folder, 'k.vmt');
    await vmsplit(`import ${join(CAPTURE, 'trace.txt.gz')} -o ${file} --snapshot ${folder}`);
    return file;
  }
  const MACHINE = '--layout linux-x86_64 --from-snapshot';

  it.each([
    [4, 4],
    [1000, 2], // neighbours of one caller
  ])('of %i areas are told of %i', async (count, told) => {
    const file = await withAreas(count);
    const { out } = await vmsplit(`at ${file} vmallocinfo --event 0 ${MACHINE}`);
    const callers = out.split('\n').filter((line) => /acpi_os_map|\[overlay\]/.test(line));
    expect(callers).toHaveLength(told);
    const { out: explained } = await vmsplit(
      `explain 0xffffc90000000004 --trace ${file} --event 0 ${MACHINE}`,
    );
    expect(explained).toMatch(
      /^ {2}object +an area of before the first event \+ 0x4, of acpi_os_map\+0x1f\/0x30$/m,
    );
  });
});
