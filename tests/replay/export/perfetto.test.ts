/** Perfetto: packets decoded by protobufjs after the published field numbers, and what a viewer needs of them. */
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { FAULT_MASK, STATUSES } from '../../../core/outcome/outcome.ts';
import { type Pass, passesOf } from '../../../replay/events/passes.ts';
import { ExportTally } from '../../../replay/export/exporter.ts';
import { perfetto } from '../../../replay/export/perfetto/perfetto.ts';
import { TIMELINE_FIGURES } from '../../../replay/timeline/figures.ts';
import { workload } from '../../../workloads/index.ts';
import { batchesOf, lane } from '../support.ts';

/** Of protos/perfetto/trace of Perfetto v54: the fields that we write. */
const { root } = protobuf.parse(`
  syntax = "proto2";
  message Trace { repeated TracePacket packet = 1; }
  message TracePacket {
    optional uint64 timestamp = 8;
    optional uint32 trusted_packet_sequence_id = 10;
    optional TrackEvent track_event = 11;
    optional TrackDescriptor track_descriptor = 60;
  }
  message TrackEvent {
    enum Type { TYPE_UNSPECIFIED = 0; TYPE_SLICE_BEGIN = 1; TYPE_SLICE_END = 2; TYPE_INSTANT = 3; TYPE_COUNTER = 4; }
    repeated DebugAnnotation debug_annotations = 4;
    optional Type type = 9;
    optional uint64 track_uuid = 11;
    repeated string categories = 22;
    optional string name = 23;
    optional int64 counter_value = 30;
  }
  message DebugAnnotation { optional uint64 uint_value = 3; optional string string_value = 6; optional string name = 10; }
  message TrackDescriptor {
    optional uint64 uuid = 1;
    optional string name = 2;
    optional ProcessDescriptor process = 3;
    optional uint64 parent_uuid = 5;
    optional CounterDescriptor counter = 8;
  }
  message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }
  message CounterDescriptor {
    enum Unit { UNIT_UNSPECIFIED = 0; UNIT_TIME_NS = 1; UNIT_COUNT = 2; UNIT_SIZE_BYTES = 3; }
    optional Unit unit = 3;
  }
`);
const Trace = root.lookupType('Trace');

interface Packet {
  readonly timestamp?: number;
  readonly trackEvent?: {
    readonly type: string;
    readonly trackUuid: number;
    readonly name?: string;
    readonly categories?: readonly string[];
    readonly counterValue?: number;
    readonly debugAnnotations?: readonly { readonly name: string; readonly uintValue?: number }[];
  };
  readonly trackDescriptor?: {
    readonly uuid: number;
    readonly name: string;
    readonly parentUuid?: number;
    readonly process?: { readonly pid: number };
    readonly counter?: { readonly unit: string };
  };
}

async function passes(name: string, count: number, batch = 500): Promise<Pass[]> {
  const events = [...workload(name).generate(1, {}, count)].flatMap((one) => [...eventsOf(one)]);
  const all: Pass[] = [];
  for await (const pass of passesOf(batchesOf(events, batch), lane('linux-3g1g'))) all.push(pass);
  return all;
}

async function exported(all: readonly Pass[]): Promise<{ packets: Packet[]; tally: ExportTally }> {
  const tally = new ExportTally();
  const source = (async function* () {
    yield* all;
  })();
  const rest = { wanted: undefined, compression: undefined, createdBy: 'test', metadata: {} };
  const parts: Uint8Array[] = [];
  for await (const part of perfetto.write({ passes: source, lane: lane('linux-3g1g'), ...rest }, tally))
    parts.push(part);
  const decoded = Trace.decode(Buffer.concat(parts));
  const { packet } = Trace.toObject(decoded, { longs: Number, enums: String }) as { packet: Packet[] };
  return { packets: packet, tally };
}

describe.each(['prefork', 'drivers'])('%s', (name) => {
  it('has slices that lie in each other, on tracks that are told before', async () => {
    const { packets } = await exported(await passes(name, 2000));
    const tracks = new Map<number, { parent: number | undefined; stack: number[]; lastNs: number }>();
    for (const { timestamp, trackDescriptor, trackEvent } of packets) {
      if (trackDescriptor !== undefined) {
        const { uuid, parentUuid: parent } = trackDescriptor;
        expect(tracks.has(uuid)).toBe(false);
        if (parent !== undefined) expect(tracks.has(parent)).toBe(true);
        tracks.set(uuid, { parent, stack: [], lastNs: 0 });
        continue;
      }
      const track = tracks.get(trackEvent!.trackUuid)!;
      expect(timestamp).toBeGreaterThanOrEqual(track.lastNs);
      track.lastNs = timestamp!;
      if (trackEvent!.type === 'TYPE_SLICE_BEGIN') track.stack.push(timestamp!);
      if (trackEvent!.type === 'TYPE_SLICE_END') expect(track.stack.pop()).toBeLessThanOrEqual(timestamp!);
    }
    expect([...tracks.values()].filter(({ stack }) => stack.length > 0)).toEqual([]);
  });

  it('tells every event but accesses without a fault, and every failure', async () => {
    const all = await passes(name, 2000);
    const { packets, tally } = await exported(all);
    const told = packets.flatMap(({ trackEvent: event }) =>
      event?.categories?.[0] === 'event' ? [event] : [],
    );
    const numbers = told.map(
      ({ debugAnnotations }) => debugAnnotations!.find((one) => one.name === 'event')!.uintValue,
    );
    const expected = all.flatMap(({ batch, firstEvent, step }) =>
      [...eventsOf(batch)].flatMap(({ kind }, at) => {
        const { status, flags } = step!.outcomes;
        const isPlain = kind === 'access' && status[at] === 0 && (flags[at]! & FAULT_MASK) === 0;
        return isPlain ? [] : [firstEvent + at];
      }),
    );
    expect(numbers).toEqual(expected);
    expect(tally.told).toBe(expected.length);
    expect(tally.leftOut).toEqual({ 'accesses without a page fault': 2000 - expected.length });
    const failures = packets.filter(({ trackEvent }) => trackEvent?.type === 'TYPE_INSTANT');
    const failed = all.flatMap(({ step, batch }) =>
      [...step!.outcomes.status.subarray(0, batch.count)].filter((status) => status !== 0),
    );
    expect(failures.map(({ trackEvent }) => trackEvent!.name)).toEqual(
      failed.map((code) => STATUSES[code]!.name),
    );
  });

  it('has counters with the figures of a timeline', async () => {
    const all = await passes(name, 2000);
    const { packets } = await exported(all);
    const figures = packets.flatMap(({ trackDescriptor: track }) => (track?.counter ? [track] : []));
    expect(figures.map((track) => track.name)).toEqual(TIMELINE_FIGURES.map((figure) => figure.name));
    for (const [i, figure] of TIMELINE_FIGURES.entries()) {
      if (figure.kind !== 'level') continue;
      const values = packets.flatMap(({ trackEvent: event }) =>
        event?.trackUuid === figures[i]!.uuid ? [event.counterValue!] : [],
      );
      const levels = all.map(({ step }) => figure.of(step!.before));
      expect(values).toEqual(levels.filter((value, at) => at === 0 || value !== levels[at - 1]));
    }
  });
});

it('names processes, and says which runs on each cpu', async () => {
  const { packets } = await exported(await passes('prefork', 3000));
  const processes = packets.flatMap(({ trackDescriptor: track }) => (track?.process ? [track] : []));
  expect(processes.length).toBeGreaterThan(1);
  for (const { name, process } of processes) expect(name).toBe(`process ${process!.pid}`);
  const cpus = packets.filter(({ trackEvent }) => trackEvent?.categories?.[0] === 'cpu');
  expect(new Set(cpus.map(({ trackEvent }) => trackEvent!.name))).toEqual(
    new Set(processes.map(({ name }) => name)),
  );
});
