/**
 * Network receive: a card with a queue for each cpu, in the shape of ixgbe (drivers/net/ethernet/intel/ixgbe, v6.1),
 * and programs that read from sockets. What one cpu allocates in its softirq, another often frees.
 *
 * Left out: reuse of the second half of a page (it counts as still in use), GRO, the protocol's own processing, replies.
 */
import { GFP_ATOMIC, GFP_KERNEL } from '../core/event/gfp.ts';
import { SLAB_HWCACHE_ALIGN } from '../core/event/slab-flags.ts';
import type { Engine } from './engine.ts';
import type { OptionTable, OptionValues } from './options.ts';
import type { Process } from './process.ts';
import { HEAP_STEP_BYTES, IMAGES, Program } from './program.ts';
import { type Body, type Task, TOUCH_STRIDE, WaitQueue } from './task.ts';
import { GIB, KIB } from './units.ts';
import { defineWorkload } from './workload.ts';

const OPTIONS = {
  slots: {
    default: 512,
    unit: 'slots',
    min: 64,
    max: 4096,
    doc: 'slots of the ring of a queue, each with a page (IXGBE_DEFAULT_RXD, _MIN_RXD and _MAX_RXD)',
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
  /** The slab cache of packet headers; 0 before the first queue is up. */
  skbCache = 0;

  constructor(options: Options) {
    this.options = options;
    this.sockets = Array.from({ length: options.sockets }, () => new Socket());
  }
}

/** A queue of the card on its cpu: fills its ring, then takes in what arrives. */
function* queue(self: Task, network: Network): Body {
  const { slots, gapNs, burst } = network.options;
  if (network.skbCache === 0) network.skbCache = self.cacheCreate(SKB_BYTES, SLAB_HWCACHE_ALIGN);
  const ring = self.pageAlloc(orderOf(slots * DESCRIPTOR_BYTES), GFP_KERNEL);
  const pages = Array.from({ length: slots }, (_, slot) => refill(self, ring, slot));
  let slot = 0;
  for (;;) {
    yield self.random.exponential(gapNs);
    const packets = 1 + self.random.exponential(burst - 1);
    for (let n = 1; n <= packets; n++) {
      receive(self, network, ring, slot, pages);
      slot = (slot + 1) % slots;
      if (n % POLL_WEIGHT === 0) yield 0;
    }
  }
}

/** Smallest order whose block holds so many bytes. */
function orderOf(bytes: number): number {
  let order = 0;
  while (TOUCH_STRIDE * 2 ** order < bytes) order++;
  return order;
}

/** A new page for a slot of the ring. */
function refill(self: Task, ring: number, slot: number): number {
  const page = self.pageAlloc(0, GFP_ATOMIC);
  self.kernelWrite(ring, slot * DESCRIPTOR_BYTES);
  return page;
}

/** A packet has arrived in the page of a slot: a small one is copied, of a large one the page goes along. */
function receive(self: Task, network: Network, ring: number, slot: number, pages: number[]): void {
  const lengthBytes = self.random.pick(PACKET_BYTES);
  self.kernelRead(ring, slot * DESCRIPTOR_BYTES);
  const skb = self.cacheAlloc(network.skbCache, GFP_ATOMIC);
  self.kernelWrite(skb, 0);
  const head = self.kmalloc(HEAD_BYTES, GFP_ATOMIC);
  self.kernelRead(pages[slot]!, 0);
  self.kernelWrite(head, 64);
  const isSmall = lengthBytes <= HEADER_BYTES;
  const page = isSmall ? 0 : pages[slot]!;
  if (isSmall) self.kernelWrite(ring, slot * DESCRIPTOR_BYTES);
  else pages[slot] = refill(self, ring, slot);
  const truesize = isSmall ? SMALL_TRUESIZE : PAGE_TRUESIZE;
  deliver(
    self,
    self.random.pick(network.sockets),
    { skb, head, page, lengthBytes, truesize },
    network.options,
  );
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
    engine.startKernelTask((self) => queue(self, network), 0, cpu);
  }
}

export const netrx = defineWorkload({
  name: 'netrx',
  title: 'network receive: bursts of packets, allocated on the cpu of a queue and freed on that of a reader',
  doc:
    'Each cpu serves a queue of the card. A packet takes a header from a slab cache and a head from kmalloc; a large ' +
    'one takes the page of its slot along, which a new one replaces: GFP_ATOMIC, from low memory, in bursts. Programs ' +
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
