/**
 * Packets of a Perfetto trace (protos/perfetto/trace/ of github.com/google/perfetto: trace_packet.proto,
 * track_event/track_event.proto, track_descriptor.proto, process_descriptor.proto, counter_descriptor.proto,
 * debug_annotation.proto). A file is packets one after the other, each as field 1 of the message Trace.
 */
import { PbfWriter } from 'pbf';

/** TrackEvent.Type */
export const SLICE_BEGIN = 1;
export const SLICE_END = 2;
export const INSTANT = 3;
const COUNTER = 4;

/** CounterDescriptor.Unit */
const UNITS = { count: 2, bytes: 3 } as const;

/** All packets are of one writer. */
const SEQUENCE = 1;
const FLUSH_BYTES = 2 ** 16;

export interface TrackOptions {
  readonly name: string;
  readonly parent?: number | undefined;
  /** It stands for this process. */
  readonly pid?: number | undefined;
  /** It has values of this unit, no slices. */
  readonly counter?: keyof typeof UNITS | undefined;
}

export interface EventOptions {
  readonly track: number;
  readonly ns: number;
  readonly type: number;
  readonly name?: string | undefined;
  readonly category?: string | undefined;
  /** What a click on it shows. */
  readonly details?: Readonly<Record<string, string | number>> | undefined;
}

/** Collects packets; `take` gives the bytes since the last call. */
export class PacketWriter {
  private pbf = new PbfWriter();
  private tracks = 0;

  get isLarge(): boolean {
    return this.pbf.pos > FLUSH_BYTES;
  }

  take(): Uint8Array {
    const bytes = this.pbf.finish();
    this.pbf = new PbfWriter();
    return bytes;
  }

  /** The number by which events name it. */
  track(options: TrackOptions): number {
    const uuid = ++this.tracks;
    this.packet(undefined, (packet) => packet.writeMessage(60, writeTrack, { uuid, ...options }));
    return uuid;
  }

  event(options: EventOptions): void {
    this.packet(options.ns, (packet) => packet.writeMessage(11, writeEvent, options));
  }

  count(track: number, ns: number, value: number): void {
    this.packet(ns, (packet) => packet.writeMessage(11, writeCount, { track, value }));
  }

  private packet(ns: number | undefined, write: (packet: PbfWriter) => void): void {
    this.pbf.writeMessage(
      1,
      (_, packet) => {
        if (ns !== undefined) packet.writeVarintField(8, ns);
        packet.writeVarintField(10, SEQUENCE);
        write(packet);
      },
      undefined,
    );
  }
}

function writeTrack(track: TrackOptions & { uuid: number }, pbf: PbfWriter): void {
  const { uuid, name, parent, pid, counter } = track;
  pbf.writeVarintField(1, uuid);
  if (parent !== undefined) pbf.writeVarintField(5, parent);
  pbf.writeStringField(2, name);
  if (pid !== undefined) pbf.writeMessage(3, writeProcess, { pid, name });
  if (counter !== undefined) pbf.writeMessage(8, writeCounter, UNITS[counter]);
}

function writeProcess({ pid, name }: { pid: number; name: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(1, pid);
  pbf.writeStringField(6, name);
}

function writeCounter(unit: number, pbf: PbfWriter): void {
  pbf.writeVarintField(3, unit);
}

function writeEvent({ track, type, name, category, details }: EventOptions, pbf: PbfWriter): void {
  for (const detail of Object.entries(details ?? {})) pbf.writeMessage(4, writeDetail, detail);
  pbf.writeVarintField(9, type);
  pbf.writeVarintField(11, track);
  if (category !== undefined) pbf.writeStringField(22, category);
  if (name !== undefined) pbf.writeStringField(23, name);
}

function writeDetail([name, value]: [string, string | number], pbf: PbfWriter): void {
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else pbf.writeStringField(6, value);
  pbf.writeStringField(10, name);
}

function writeCount({ track, value }: { track: number; value: number }, pbf: PbfWriter): void {
  pbf.writeVarintField(9, COUNTER);
  pbf.writeVarintField(11, track);
  pbf.writeVarintField(30, value);
}
