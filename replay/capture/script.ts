/**
 * The script that a board runs: a POSIX shell with busybox is enough. What of tracefs it uses is in
 * Documentation/trace/{ftrace,kprobetrace}.rst, Linux 6.1; kprobes are asked for by the registers of the calling
 * conventions, as $argN came with 4.20 only, and without types, so that values are hexadecimal in every version. The
 * functions have had size and align first since 2.6.28 (alloc_vmap_area of mm/vmalloc.c); struct vmap_area begins with
 * va_start, and the second word of struct vm_struct is addr (include/linux/vmalloc.h).
 */

export interface CaptureOptions {
  /** How long the trace is, unless a command says so. */
  readonly seconds: number;
  /** Of the ring buffers of all cpus together. */
  readonly bufferKib: number;
  readonly trace: boolean;
}

/** @param version of vmsplit */
export function captureScript({ seconds, bufferKib, trace }: CaptureOptions, version: string): string {
  const values: Readonly<Record<string, string>> = {
    '@VERSION@': version,
    '@SECONDS@': String(seconds),
    '@KIB@': String(bufferKib),
    '@TRACE@': trace ? 'yes' : 'no',
  };
  return SCRIPT.replace(/@[A-Z]+@/g, (name) => values[name] ?? name);
}

const SCRIPT = String.raw`#!/bin/sh
# What a kernel tells of its memory, as one tar. By vmsplit @VERSION@.
#
#     sh capture.sh [-s SECONDS] [-b KIB] [-o FILE] [-n] [COMMAND...]
#
# Needs: a POSIX shell with cat, dmesg, mkdir, rm, sleep, tar, uname (busybox
#   has them), and root for most of it. Nothing is installed.
# Saves: of /proc cmdline, version, cpuinfo, iomem, modules, config.gz; dmesg;
#   before and after the trace meminfo, zoneinfo, buddyinfo, pagetypeinfo,
#   slabinfo, vmallocinfo, vmstat, some of them at its start too. No user data,
#   but addresses of the kernel.
# Traces, where there is tracefs: requests for pages, slab objects and areas of
#   the vmalloc window, kmap of high memory, and processes that begin and end;
#   for SECONDS (@SECONDS@), or while COMMAND runs. -n: no trace.
# Costs: KIB (@KIB@) of memory for the buffers of all cpus, and about four
#   times as much, as text, in the folder TMPDIR or /tmp; each request traced
#   takes a microsecond longer, or less. What no longer fits is not recorded.
# Changes while it runs, and puts back: kernel.kptr_restrict is 1 where it was
#   0, or the addresses in vmallocinfo would be hashes; tracefs is mounted if
#   it is not; vmalloc is traced by kprobes where it has no tracepoints.
# Writes: FILE (vmsplit-HOST-TIME.tar; - is standard output). Then, elsewhere:
#   vmsplit advise FILE; vmsplit import FILE
set -u
umask 077
LC_ALL=C
export LC_ALL

seconds=@SECONDS@
kib=@KIB@
trace=@TRACE@
out=

usage() {
  echo "usage: sh capture.sh [-s SECONDS] [-b KIB] [-o FILE] [-n] [COMMAND...]" >&2
  exit 2
}

number() {
  case $1 in
    '' | *[!0-9]*) echo "capture: found '$1', expected a whole number" >&2; usage ;;
  esac
}

while getopts s:b:o:n option; do
  case $option in
    s) number "$OPTARG"; seconds=$OPTARG ;;
    b) number "$OPTARG"; kib=$OPTARG ;;
    o) out=$OPTARG ;;
    n) trace=no ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
if [ -z "$out" ]; then
  out=vmsplit-$(uname -n)-$(date +%Y%m%d-%H%M%S).tar
fi

base=${'$'}{TMPDIR:-/tmp}/vmsplit-capture.$$
dir=$base/vmsplit-capture
tracefs=
instance=
mounted=
kptr=
probes=
old_kib=
old_on=
old_overwrite=
old_hash=

# Puts back whatever was changed, however this ends.
# shellcheck disable=SC2317,SC2329
put_back() {
  trap '' HUP INT TERM
  stop_trace
  if [ -n "$mounted" ]; then umount "$mounted" 2>/dev/null; fi
  if [ -n "$kptr" ]; then echo "$kptr" >/proc/sys/kernel/kptr_restrict; fi
  rm -rf "$base"
}

say() {
  echo "capture: $*" >&2
  echo "$*" >>"$dir/notes.txt"
}

# save FILE NAME: a file of the kernel under another name
save() {
  if ! cat "$1" >"$dir/$2" 2>/dev/null; then
    rm -f "$dir/$2"
    say "$1 cannot be read"
  fi
}

# state FOLDER FILE...: what changes while the machine runs
state() {
  folder=$1
  shift
  mkdir "$dir/$folder"
  for file in "$@"; do save "/proc/$file" "$folder/$file"; done
}

changing='meminfo zoneinfo buddyinfo pagetypeinfo slabinfo vmallocinfo vmstat'

show_addresses() {
  file=/proc/sys/kernel/kptr_restrict
  if [ "$(cat $file 2>/dev/null)" = 0 ] && put 1 $file; then
    kptr=0
  fi
}

# Where it is mounted, or can be.
find_tracefs() {
  for tracefs in "${'$'}{TRACEFS:-}" /sys/kernel/tracing /sys/kernel/debug/tracing; do
    if [ -n "$tracefs" ] && [ -e "$tracefs/trace" ]; then return 0; fi
  done
  for type in tracefs debugfs; do
    case $type in
      tracefs) at=/sys/kernel/tracing tracefs=$at ;;
      debugfs) at=/sys/kernel/debug tracefs=$at/tracing ;;
    esac
    if [ -d "$at" ] && mount -t $type nodev "$at" 2>/dev/null; then
      mounted=$at
      if [ -e "$tracefs/trace" ]; then return 0; fi
      umount "$at"
      mounted=
    fi
  done
  tracefs=
  return 1
}

# put VALUE FILE: false if the kernel does not take it
put() {
  { echo "$1" >"$2"; } 2>/dev/null
}

# on EVENT...: those that this kernel has
on() {
  for event in "$@"; do
    if [ -e "$instance/events/$event/enable" ] && put 1 "$instance/events/$event/enable"; then
      echo "$event" >>"$dir/events.txt"
    fi
  done
}

# probe DEFINITION...: all of them or none
probe() {
  added=
  for definition in "$@"; do
    name=$(echo "$definition" | sed 's/^[pr]:vmsplit.\([a-z_]*\) .*/\1/')
    if ! { echo "$definition" >>"$tracefs/kprobe_events"; } 2>/dev/null; then
      for name in $added; do unprobe "$name"; done
      return 1
    fi
    added="$name $added"
  done
  probes="$added$probes"
}

unprobe() {
  { echo "-:vmsplit/$1" >>"$tracefs/kprobe_events"; } 2>/dev/null
}

# The first two arguments of a function, by the calling convention.
# shellcheck disable=SC2016
registers() {
  word=8
  case $(uname -m) in
    x86_64) first=%di second=%si ;;
    i?86) first=%ax second=%dx word=4 ;;
    aarch64) first=%x0 second=%x1 ;;
    arm*) first=%r0 second=%r1 word=4 ;;
    *) first='$arg1' second='$arg2' ;;
  esac
}

# The window of vmalloc, vmap and ioremap: where all of them come together, or
# else by the functions that each kernel has. Then kmap of high memory.
# shellcheck disable=SC2016
probe_vmalloc() {
  registers
  asks="size=$first align=$second"
  if ! probe "p:vmsplit/vmsplit_area alloc_vmap_area $asks" \
    'r:vmsplit/vmsplit_area_ret alloc_vmap_area ret=$retval va=+0($retval)' \
    "p:vmsplit/vmsplit_area_free free_vmap_area_noflush va=+0($first)"; then
    node_range=__vmalloc_node_range
    if grep -q ' __vmalloc_node_range_noprof$' /proc/kallsyms 2>/dev/null; then
      node_range=__vmalloc_node_range_noprof
    fi
    probe "p:vmsplit/vmsplit_vmalloc $node_range $asks" \
      "r:vmsplit/vmsplit_vmalloc_ret $node_range "'ret=$retval va=$retval' \
      "p:vmsplit/vmsplit_mapped get_vm_area_caller size=$first" \
      'r:vmsplit/vmsplit_mapped_ret get_vm_area_caller ret=$retval va=+'$word'($retval)' \
      "p:vmsplit/vmsplit_area_free remove_vm_area va=$first" ||
      say "this kernel has neither tracepoints nor kprobes for vmalloc"
  fi
  for name in kmap kunmap; do
    probe "p:vmsplit/vmsplit_$name ""$name""_high page=$first"
  done
}

# All but to begin with it: buffers are memory that the state before has to show.
prepare_trace() {
  if ! find_tracefs; then
    say "no tracefs: nothing is traced"
    return 1
  fi
  instance=$tracefs/instances/vmsplit-$$
  if ! mkdir "$instance" 2>/dev/null; then
    instance=$tracefs
    if [ "$(cat "$tracefs/current_tracer")" != nop ] || [ -n "$(cat "$tracefs/set_event")" ]; then
      say "somebody traces already: nothing is traced"
      instance=
      return 1
    fi
    old_kib=$(sed 's/ .*//' "$tracefs/buffer_size_kb")
    old_on=$(cat "$tracefs/tracing_on")
    old_overwrite=$(cat "$tracefs/options/overwrite" 2>/dev/null)
    old_hash=$(cat "$tracefs/options/hash-ptr" 2>/dev/null)
  fi
  put 0 "$instance/tracing_on"
  put '' "$instance/trace"
  cpus=0
  for _ in "$instance"/per_cpu/cpu*; do cpus=$((cpus + 1)); done
  put $((kib / cpus + 1)) "$instance/buffer_size_kb" || say "no memory for buffers of $kib KiB"
  # Of pages that are kmapped only the address of their struct is known: since 5.12 it can be shown.
  if [ -e "$instance/options/hash-ptr" ]; then put 0 "$instance/options/hash-ptr"; fi
  # The beginning is what follows from the state before: later events are left out.
  put 0 "$instance/options/overwrite"
  on kmem/mm_page_alloc kmem/mm_page_free kmem/mm_page_free_direct kmem/mm_pagevec_free \
    kmem/mm_page_free_batched kmem/mm_page_alloc_zone_locked kmem/mm_page_alloc_extfrag kmem/mm_page_pcpu_drain \
    kmem/kmalloc kmem/kmalloc_node kmem/kmem_cache_alloc kmem/kmem_cache_alloc_node \
    kmem/kfree kmem/kmem_cache_free vmalloc/alloc_vmap_area vmalloc/free_vmap_area_noflush \
    sched/sched_process_fork sched/sched_process_exec sched/sched_process_exit
  if [ ! -e "$instance/events/vmalloc/alloc_vmap_area/enable" ]; then probe_vmalloc; fi
  for name in $probes; do on "vmsplit/$name"; done
}

# mark TEXT: into the trace, where something was read
mark() {
  put "$1" "$instance/trace_marker"
}

# Ends the trace; what it recorded is gone after that.
stop_trace() {
  if [ -z "$instance" ]; then return; fi
  put 0 "$instance/tracing_on"
  put 0 "$instance/events/enable"
  if [ "$instance" = "$tracefs" ]; then
    put '' "$tracefs/trace"
    put "$old_overwrite" "$tracefs/options/overwrite"
    if [ -n "$old_hash" ]; then put "$old_hash" "$tracefs/options/hash-ptr"; fi
    put "$old_kib" "$tracefs/buffer_size_kb"
    put "$old_on" "$tracefs/tracing_on"
  else
    rmdir "$instance"
  fi
  for name in $probes; do unprobe "$name"; done
  instance=
  probes=
}

save_trace() {
  put 0 "$instance/tracing_on"
  save "$instance/trace" trace.txt
  cat "$instance"/per_cpu/cpu*/stats >"$dir/buffers.txt" 2>/dev/null
  if grep -q 'dropped events: [1-9]' "$dir/buffers.txt"; then
    say "the buffers were full: later events are missing; -b gives them more"
  fi
}

if ! mkdir "$base" || ! mkdir "$dir"; then
  echo "capture: $base cannot be made; TMPDIR says where else" >&2
  exit 1
fi
trap put_back EXIT
trap 'exit 130' HUP INT TERM

echo "by vmsplit capture @VERSION@, $(date)" >"$dir/notes.txt"
uname -a >>"$dir/notes.txt"
if [ "$(id -u)" != 0 ]; then say "not root: much cannot be read"; fi
show_addresses
for file in cmdline version cpuinfo iomem modules config.gz; do
  if [ -e "/proc/$file" ]; then save "/proc/$file" "$file"; fi
done
dmesg >"$dir/dmesg.txt" 2>/dev/null || say "dmesg cannot be read"

if [ $trace = yes ]; then prepare_trace || trace=no; fi
# shellcheck disable=SC2086
state before $changing
if [ $trace = yes ]; then
  put 1 "$instance/tracing_on" || say "the trace cannot begin"
  # Once more, with all that happens meanwhile in the trace: what the allocator is checked against.
  mark 'snapshot start: begin'
  state start pagetypeinfo buddyinfo zoneinfo
  mark 'snapshot start: end'
fi
if [ $# -gt 0 ]; then
  "$@" >&2
  say "the command ended with $?"
elif [ $trace = yes ]; then
  sleep "$seconds"
fi
if [ $trace = yes ]; then mark 'snapshot after: begin'; fi
# shellcheck disable=SC2086
state after $changing
if [ $trace = yes ]; then
  mark 'snapshot after: end'
  save_trace
  stop_trace
fi
if [ -e "$dir/trace.txt" ] && command -v gzip >/dev/null; then gzip "$dir/trace.txt"; fi

if [ "$out" = - ]; then
  (cd "$base" && tar cf - vmsplit-capture)
elif (cd "$base" && tar cf - vmsplit-capture) >"$out"; then
  echo "capture: $out" >&2
else
  echo "capture: $out cannot be written" >&2
  exit 1
fi
`;
