/**
 * Device drivers that come, work and go: BARs, firmware, frame buffers, DMA pages, descriptors. All of it is
 * kernel work without a process, in the address space that the kernel shares with nobody.
 */
import { GFP_ATOMIC, GFP_DMA } from '../../core/event/gfp.ts';
import type { Engine } from '../engine/engine.ts';
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Prng } from '../engine/prng.ts';
import { type Body, type Task, TOUCH_STRIDE, WORD } from '../engine/task.ts';
import { KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';

const OPTIONS = {
  devices: { default: 24, unit: 'devices', min: 1, max: 64, doc: 'devices, each with a driver (assumed)' },
  plugNs: {
    default: 80_000_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'time between the arrivals of devices, so that the demand grows (assumed)',
  },
  vmallocBytes: {
    default: 256 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 2 ** 32 - 1,
    doc:
      'vmalloc memory of buffers that all devices together hold when all are there, firmware apart ' +
      '(assumed: twice the 120 MiB that a 3G/1G kernel has)',
  },
  bufferBytes: {
    default: 4 * MIB,
    unit: 'bytes',
    min: 64 * KIB,
    max: 64 * MIB,
    doc:
      'largest buffer; sizes are log-uniform from 16 KiB (assumed; a full HD frame in YUV 4:2:0 takes 3 ' +
      'MiB)',
  },
  periodNs: {
    default: 2_000_000,
    unit: 'ns',
    min: 1000,
    max: 1e9,
    doc: 'mean time between jobs of a device; exponential (assumed)',
  },
  jobs: {
    default: 500,
    unit: 'jobs',
    min: 1,
    max: 1e9,
    doc: 'mean number of jobs until a device is unplugged and plugged in again; exponential (assumed)',
  },
  descriptors: {
    default: 64,
    unit: 'descriptors',
    min: 1,
    max: 10_000,
    doc:
      'kmalloc descriptors that a device keeps; a job replaces four of them, uniformly chosen ' + '(assumed)',
  },
} as const satisfies OptionTable;

const MIN_BUFFER_BYTES = 16 * KIB;
/** Words written into a buffer at most, spread over it. */
const BUFFER_TOUCHES = 32;

/** Sizes of BARs are powers of two (PCI Local Bus Specification 3.0, 6.2.5.1); this range is assumed. */
const MIN_BAR_BITS = 12;
const MAX_BAR_BITS = 22;
/**
 * BARs lie from 0xe0000000 on: above any RAM below 4 GiB on the PCs at hand (at most 3.42 GiB, oracle machine
 * i386-3g_3500) and below the APICs. As PFN.
 */
const FIRST_BAR_PFN = 0xe0000;

/** Firmware: log-uniform (assumed; /lib/firmware holds files from bytes to several MiB). */
const MIN_FIRMWARE_BYTES = 64 * KIB;
const MAX_FIRMWARE_BYTES = 2 * MIB;

/** The sizes most often asked of kmalloc in a kmem trace of a fork loop, with their counts there. */
const DESCRIPTOR_SIZES = [72, 32, 56, 2048, 64, 728, 504, 408, 28, 640, 176] as const;

/** Pages below 16 MiB for ISA-style DMA: kept by a device, and the largest order of one block (assumed). */
const DMA_BLOCKS = 6;
const MAX_DMA_ORDER = 3;

type Options = OptionValues<typeof OPTIONS>;

interface Bar {
  readonly pfn: number;
  readonly sizeBytes: number;
}

interface Buffer {
  readonly object: number;
  readonly sizeBytes: number;
}

/** What a device is made of, whoever drives it. */
interface Device {
  readonly bar: Bar;
  readonly firmwareFile: number;
  readonly firmwareBytes: number;
  /** Its share of `vmallocBytes`. */
  readonly quotaBytes: number;
}

/** What the driver of a plugged-in device holds. */
interface Driver {
  readonly registers: number;
  readonly firmware: number;
  readonly buffers: Buffer[];
  readonly descriptors: number[];
  readonly dmaBlocks: number[];
}

function* slot(self: Task, device: Device, options: Options): Body {
  for (;;) {
    const driver = yield* probe(self, device);
    for (let jobs = self.random.exponential(options.jobs); jobs >= 0; jobs--) {
      interrupt(self, device, driver);
      replaceDescriptors(self, driver, options.descriptors);
      if (self.random.chance(1, 4)) replaceDmaBlock(self, driver);
      if (self.random.chance(1, 4)) replaceBuffer(self, device, driver, options.bufferBytes);
      fillBuffer(self, self.random.pick(driver.buffers));
      yield self.random.exponential(options.periodNs);
    }
    remove(self, driver);
    yield options.plugNs;
  }
}

/** Maps the registers and loads the firmware from its file. */
function* probe(self: Task, device: Device): Generator<number, Driver, void> {
  const registers = self.ioremap(device.bar.sizeBytes, device.bar.pfn);
  self.kernelRead(registers, 0, 4);
  self.fileRead(device.firmwareFile, 0, device.firmwareBytes);
  yield 0;
  const firmware = self.vmalloc(device.firmwareBytes);
  fillBuffer(self, { object: firmware, sizeBytes: device.firmwareBytes });
  return { registers, firmware, buffers: [], descriptors: [], dmaBlocks: [] };
}

/** Reads the status, acknowledges, rings the doorbell. */
function interrupt(self: Task, device: Device, driver: Driver): void {
  self.kernelRead(driver.registers, 0, 4);
  self.kernelWrite(driver.registers, 0, 4);
  self.kernelWrite(driver.registers, self.random.below(device.bar.sizeBytes / 4) * 4, 4);
}

/** A ring of descriptors of mixed ages: what is freed lies anywhere among what stays. */
function replaceDescriptors(self: Task, driver: Driver, kept: number): void {
  for (let n = 0; n < 4; n++) {
    if (driver.descriptors.length >= kept) self.kfree(takeAny(self.random, driver.descriptors));
    const descriptor = self.kmalloc(self.random.pick(DESCRIPTOR_SIZES), GFP_ATOMIC);
    self.kernelWrite(descriptor, 0);
    driver.descriptors.push(descriptor);
  }
}

function replaceDmaBlock(self: Task, driver: Driver): void {
  if (driver.dmaBlocks.length >= DMA_BLOCKS) self.pageFree(takeAny(self.random, driver.dmaBlocks));
  const block = self.pageAlloc(self.random.below(MAX_DMA_ORDER + 1), GFP_DMA);
  self.kernelWrite(block, 0);
  driver.dmaBlocks.push(block);
}

/** Allocates a buffer, after freeing as many of the device's own as its quota asks for. */
function replaceBuffer(self: Task, device: Device, driver: Driver, maxBytes: number): void {
  const sizeBytes = self.random.logUniform(MIN_BUFFER_BYTES, maxBytes);
  const { buffers } = driver;
  while (buffers.length > 0 && heldBytes(buffers) + sizeBytes > device.quotaBytes) {
    self.vfree(takeAny(self.random, buffers).object);
  }
  buffers.push({ object: self.vmalloc(sizeBytes), sizeBytes });
}

function heldBytes(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function fillBuffer(self: Task, buffer: Buffer | undefined): void {
  if (buffer === undefined) return;
  const stride = Math.max(1, Math.ceil(buffer.sizeBytes / TOUCH_STRIDE / BUFFER_TOUCHES)) * TOUCH_STRIDE;
  for (let offset = 0; offset + WORD <= buffer.sizeBytes; offset += stride)
    self.kernelWrite(buffer.object, offset);
}

function remove(self: Task, driver: Driver): void {
  for (const { object } of driver.buffers) self.vfree(object);
  for (const object of driver.descriptors) self.kfree(object);
  for (const object of driver.dmaBlocks) self.pageFree(object);
  self.vfree(driver.firmware);
  self.iounmap(driver.registers);
}

/** Removes a uniformly chosen item; the order of the others is lost. */
function takeAny<T>(random: Prng, items: T[]): T {
  const at = random.below(items.length);
  const item = items[at]!;
  items[at] = items[items.length - 1]!;
  items.pop();
  return item;
}

function makeDevices(engine: Engine, options: Options): Device[] {
  const { random } = engine;
  let nextBar = FIRST_BAR_PFN * TOUCH_STRIDE;
  return Array.from({ length: options.devices }, () => {
    const sizeBytes = 2 ** random.range(MIN_BAR_BITS, MAX_BAR_BITS);
    const start = Math.ceil(nextBar / sizeBytes) * sizeBytes; // a BAR is aligned to its size
    nextBar = start + sizeBytes;
    const firmwareBytes = random.logUniform(MIN_FIRMWARE_BYTES, MAX_FIRMWARE_BYTES);
    return {
      bar: { pfn: start / 4096, sizeBytes },
      firmwareFile: engine.file(firmwareBytes),
      firmwareBytes,
      quotaBytes: Math.floor(options.vmallocBytes / options.devices),
    };
  });
}

export const drivers = defineWorkload({
  name: 'drivers',
  title: 'driver churn: vmalloc buffers, BARs, DMA pages and descriptors that come and go',
  doc:
    'Devices arrive one after the other. The driver of each maps its registers (ioremap), loads firmware ' +
    'and allocates buffers (vmalloc), DMA pages (GFP_DMA) and descriptors (kmalloc), and replaces them in ' +
    'random order. By default the buffers want 256 MiB of vmalloc space: more than a 3G/1G kernel with at ' +
    'least 1 GiB of RAM has (120 MiB), and nothing beside what a 64-bit kernel has.',
  defaultEvents: 500_000,
  options: OPTIONS,
  start(engine, options) {
    makeDevices(engine, options).forEach((device, i) => {
      engine.startKernelTask((self) => slot(self, device, options), i * options.plugNs);
    });
  },
});
