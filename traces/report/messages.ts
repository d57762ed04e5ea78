/**
 * The messages of a log without what dmesg, syslog and mail put before them, one for each thing that is told: where lines
 * of a memory report were joined, they are parted again.
 */
import { type LogLine, logLines } from '../../core/layout/firmware/log-text.ts';
import { ZONE_NAMES } from './record.ts';

export type Message = LogLine;

const QUOTES = /^(?:[>|] ?){1,8}/;
const LEVEL = /^\s{0,4}<\d{1,3}>/;
const SYSLOG =
  /^\s{0,4}(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,:+Z-]{0,24}) (?:\S{1,64} )?(?:kernel|klogd)(?:\[\d{1,8}\])?: ?/;
const STAMP = /^\s{0,4}(?:\[ {0,8}\d{1,9}\.\d{1,9}\]|\[[A-Z][a-z]{2} [A-Z][a-z]{2}[ \d:]{10,20}\]) ?/;
/** CONFIG_PRINTK_CALLER: `[  T123]`, `[   C0]`. */
const CALLER = /^\[ {0,8}[TC]\d{1,8}\] ?/;
const PREFIXES = [QUOTES, LEVEL, SYSLOG, STAMP, CALLER];

/** What begins a line of its own in a memory report; `Node 0` stays with the zone that it names. */
const INNER_HEAD = new RegExp(
  String.raw` (?<!Node \d{1,4},? )(?=(?:Node \d{1,4},? )?(?:${ZONE_NAMES})(?: free:\d|: (?:\d{1,9}\*|empty))|(?:lowmem_reserve|protections)\[\]:)`,
);

export function messagesOf(text: string): Message[] {
  return logLines(text).flatMap(({ number, text: line }) =>
    parted(stripped(line)).map((message) => ({ number, text: message })),
  );
}

function stripped(line: string): string {
  return PREFIXES.reduce((text, prefix) => text.replace(prefix, ''), line);
}

function parted(message: string): string[] {
  if (!message.includes('kB') && !message.includes('[]:')) return [message];
  return message.split(INNER_HEAD).filter((part) => part !== '');
}
