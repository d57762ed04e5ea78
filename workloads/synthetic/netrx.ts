/**
 * Network receive: a card with a queue for each cpu, in the shape of ixgbe (drivers/net/ethernet/intel/ixgbe, v6.1),
 * and programs that read from sockets. What one cpu allocates in its softirq, another often frees.
 *
 * Left out: reuse of the second half of a page (it counts as still in use), GRO, the protocol's own processing, replies.
 */
import { DMA_FROM_DEVICE, SYNC_FOR_CPU, SYNC_FOR_DEVICE } from '../../core/event/dma-flags.ts';
import { GFP_ATOMIC, GFP_KERNEL } from '../../core/event/gfp.ts';
import { SLAB_HWCACHE_ALIGN } from '../../core/event/slab-flags.ts';
import type { Engine } from '../engine/engine.ts';
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Process } from '../engine/process.ts';
import { HEAP_STEP_BYTES, IMAGES, Program } from '../engine/program.ts';
import { type Body, type Task, TOUCH_STRIDE, WaitQueue } from '../engine/task.ts';
import { GIB, KIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';

const OPTIONS = {
  slots: {
    default: 512,
    unit: 'slots',
    min: 64,
    max: 4096,
    doc: 'slots of the ring of a queue, each with a page (IXGBE_DEFAULT_RXD, _MIN_RXD and _MAX_RXD)',
  },
  maskBits: {
    default: 64,
    unit: 'bits',
    min: 32,
    max: 64,
    doc: 'address bits of the card (ixgbe: DMA_BIT_MASK(64)); with 32 it cannot reach memory above 4 GiB by itself',
  },
  sockets: {
    default: 8,
    unit: 'sockets',
    min: 1,
    max: 1024,
    doc: 'sockets, each with a process that reads it (assumed)',
  },
  rcvbufBytes: {
    default: 212_992,
    unit: 'bytes',
    min: 4 * KIB,
    max: GIB,
    doc: 'memory that a socket may hold; beyond that packets are dropped (net.core.rmem_default)',
  },
  gapNs: {
    default: 100_000,
    unit: 'ns',
    min: 1000,
    max: 1e9,
    doc: 'mean time between bursts at a queue; exponential (packet trains, Jain and Routhier 1986; the figure is assumed)',
  },
  burst: {
    default: 12,
    unit: 'packets',
    min: 1,
    max: 1000,
    doc: 'mean length of a burst; exponential (assumed)',
  },
  readNs: {
    default: 4000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean time in which a program deals with a packet; exponential (assumed)',
  },
} as const satisfies OptionTable;

/** Lengths of packets and how many there are of each: the "simple IMIX" of test equipment, 7 : 4 : 1. */
const PACKET_BYTES = [40, 40, 40, 40, 40, 40, 40, 576, 576, 576, 576, 1500] as const;
/** sizeof(struct sk_buff) on 64 bits; with SLAB_HWCACHE_ALIGN an object takes 256 bytes. */
const SKB_BYTES = 232;
/**
 * Head of a packet: IXGBE_RX_HDR_SIZE, NET_SKB_PAD and sizeof(struct skb_shared_info). Such small heads come from
 * kmalloc (__napi_alloc_skb, net/core/skbuff.c).
 */
const HEADER_BYTES = 256;
const HEAD_BYTES = HEADER_BYTES + 64 + 320;
/** union ixgbe_adv_rx_desc. */
const DESCRIPTOR_BYTES = 16;
/** Packets that a queue may deliver in a row (NAPI_POLL_WEIGHT). */
const POLL_WEIGHT = 64;
/** What a packet counts for in the memory of its socket: its truesize, with and without a page. */
const SMALL_TRUESIZE = 256 + KIB;
const PAGE_TRUESIZE = SMALL_TRUESIZE + TOUCH_STRIDE / 2;
/** Of a packet that is copied to a program, a word at each such distance is told. */
const COPY_STRIDE = 512;

type Options = OptionValues<typeof OPTIONS>;

/** A packet in a socket. */
interface Packet {
  readonly skb: number;
  readonly head: number;
  /** What does not fit into the head; 0 = all of it does. */
  readonly page: number;
  readonly lengthBytes: number;
  readonly truesize: number;
}

class Socket {
  readonly packets: Packet[] = [];
  readonly arrivals = new WaitQueue();
  heldBytes = 0;
}

/** What the queues and the programs share. */
class Network {
  readonly options: Options;
  readonly sockets: readonly Socket[];
  /** The slab cache of packet headers, and the card; 0 before the first queue is up. */
  skbCache = 0;
  card = 0;

  constructor(options: Options) {
    this.options = options;
    this.sockets = Array.from({ length: options.sockets }, () => new Socket());
  }
}

/** A queue of the card with its ring: a page in each slot, which the card fills. */
class Queue {
  readonly network: Network;
  private readonly ring: number;
  private readonly pages: number[];
  private slot = 0;

  /** Sets the ring up, and the card with it when this is the first queue. */
  constructor(self: Task, network: Network) {
    const { slots, maskBits } = network.options;
    if (network.card === 0) {
      network.card = self.device(maskBits);
      network.skbCache = self.cacheCreate(SKB_BYTES, SLAB_HWCACHE_ALIGN);
    }
    this.network = network;
    this.ring = self.dmaAllocCoherent(network.card, slots * DESCRIPTOR_BYTES, GFP_KERNEL);
    this.pages = Array.from({ length: slots }, (_, slot) => this.refill(self, slot));
  }

  /** Takes the next packet in: a small one is copied to its head, of a large one the page goes along. */
  receive(self: Task): Packet {
    const { network, slot } = this;
    const lengthBytes = self.random.pick(PACKET_BYTES);
    const filled = this.pages[slot]!;
    self.kernelRead(this.ring, slot * DESCRIPTOR_BYTES);
    self.dmaSync(filled, network.card, SYNC_FOR_CPU);
    const skb = self.cacheAlloc(network.skbCache, GFP_ATOMIC);
    self.kernelWrite(skb, 0);
    const head = self.kmalloc(HEAD_BYTES, GFP_ATOMIC);
    self.kernelRead(filled, 0);
    self.kernelWrite(head, 64);
    this.slot = (slot + 1) % this.pages.length;
    if (lengthBytes <= HEADER_BYTES) {
      this.giveBack(self, slot);
      return { skb, head, page: 0, lengthBytes, truesize: SMALL_TRUESIZE };
    }
    self.dmaUnmap(filled, network.card);
    this.pages[slot] = this.refill(self, slot);
    return { skb, head, page: filled, lengthBytes, truesize: PAGE_TRUESIZE };
  }

  /** A new page for a slot, mapped for the card. */
  private refill(self: Task, slot: number): number {
    const page = self.pageAlloc(0, GFP_ATOMIC);
    self.dmaMapPage(page, this.network.card, DMA_FROM_DEVICE, TOUCH_STRIDE);
    self.kernelWrite(this.ring, slot * DESCRIPTOR_BYTES);
    return page;
  }

  private giveBack(self: Task, slot: number): void {
    self.dmaSync(this.pages[slot]!, this.network.card, SYNC_FOR_DEVICE);
    self.kernelWrite(this.ring, slot * DESCRIPTOR_BYTES);
  }
}

/** The softirq of a queue, on its cpu. */
function* softirq(self: Task, network: Network): Body {
  const { gapNs, burst } = network.options;
  const queue = new Queue(self, network);
  for (;;) {
    yield self.random.exponential(gapNs);
    const packets = 1 + self.random.exponential(burst - 1);
    for (let n = 1; n <= packets; n++) {
      deliver(self, self.random.pick(network.sockets), queue.receive(self), network.options);
      if (n % POLL_WEIGHT === 0) yield 0;
    }
  }
}

function deliver(self: Task, socket: Socket, packet: Packet, { rcvbufBytes }: Options): void {
  if (socket.heldBytes + packet.truesize > rcvbufBytes) {
    freePacket(self, packet);
    return;
  }
  socket.heldBytes += packet.truesize;
  socket.packets.push(packet);
  socket.arrivals.wakeOne(self);
}

function freePacket(self: Task, { skb, head, page }: Packet): void {
  if (page !== 0) self.pageFree(page);
  self.kfree(head);
  self.cacheFree(skb);
}

/** Reads its socket, packet by packet, on whichever cpu it runs. */
function* reader(self: Process, program: Program, socket: Socket, { readNs }: Options): Body {
  program.load(self);
  self.brk(HEAP_STEP_BYTES);
  for (;;) {
    while (socket.packets.length === 0) yield socket.arrivals;
    const packet = socket.packets.shift()!;
    copyToUser(self, packet);
    socket.heldBytes -= packet.truesize;
    freePacket(self, packet);
    self.think(self.random.exponential(readNs));
    yield 0;
  }
}

function copyToUser(self: Process, { head, page, lengthBytes }: Packet): void {
  self.kernelRead(head, 64);
  self.write(self.heap, 0);
  for (let at = COPY_STRIDE; page !== 0 && at < lengthBytes; at += COPY_STRIDE) {
    self.kernelRead(page, at);
    self.write(self.heap, at);
  }
}

function startQueues(engine: Engine, network: Network): void {
  for (let cpu = 0; cpu < engine.cpuCount; cpu++) {
    engine.startKernelTask((self) => softirq(self, network), 0, cpu);
  }
}

export const netrx = defineWorkload({
  name: 'netrx',
  title: 'network receive: bursts of packets, allocated on the cpu of a queue and freed on that of a reader',
  doc:
    'Each cpu serves a queue of the card. A packet takes a header from a slab cache and a head from kmalloc; a large ' +
    'one takes the page of its slot along, which a new one replaces: GFP_ATOMIC, from low memory, in bursts, mapped for ' +
    'the card. Programs ' +
    'on any cpu copy packets out and free them. With many sockets and slow readers (sockets, rcvbufBytes, readNs) ' +
    'packets that wait fill the low memory of a 32-bit kernel.',
  defaultEvents: 500_000,
  options: OPTIONS,
  start(engine, options) {
    const network = new Network(options);
    const program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc]);
    startQueues(engine, network);
    for (const socket of network.sockets)
      engine.startProcess((self) => reader(self, program, socket, options));
  },
});
