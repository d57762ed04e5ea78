/**
 * Moments of a traced machine: its /proc/buddyinfo, pagetypeinfo and zoneinfo, read together. Two habits of naming:
 * files `zoneinfo.before` and `zoneinfo.after`, or one text with `=== LABEL` and `--- zoneinfo` headings.
 */
import { type BuddyinfoZone, type Pagetypeinfo, type ZoneinfoZone } from '../../traces/index.ts';
export interface Moment {
    /** What the trace's markers call it. */
    readonly label: string;
    readonly buddyinfo?: readonly BuddyinfoZone[];
    readonly pagetypeinfo?: Pagetypeinfo;
    readonly zoneinfo?: readonly ZoneinfoZone[];
}
export interface SnapshotFile {
    /** Path; its last part says what is in it. */
    readonly name: string;
    readonly text: string;
}
/** Whether a file of this name is a part of a snapshot. */
export declare function isSnapshotFile(name: string): boolean;
/** In the order in which they were read; a report alone is of the moment `before`. */
export declare function momentsOf(files: readonly SnapshotFile[]): Moment[];
/** What a marker says of the moment that is being read: that it begins or ends. */
export declare function momentMarker(text: string): {
    label: string;
    edge: 'begin' | 'end';
} | undefined;
