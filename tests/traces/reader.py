"""Reads a .vmt trace as traces/FORMAT.md says, without a library: its events as NDJSON; with --count, their number."""
import json, struct, sys, zlib
NUMBERS = dict(zip(range(0xCA, 0xD4), ('>f', '>d', '>B', '>H', '>I', '>Q', '>b', '>h', '>i', '>q')))
LONG = {0xC4: (bytes, 1), 0xC5: (bytes, 2), 0xC6: (bytes, 4), 0xD9: (str, 1), 0xDA: (str, 2), 0xDB: (str, 4),
        0xDC: (list, 2), 0xDD: (list, 4), 0xDE: (dict, 2), 0xDF: (dict, 4)}
def value(b, at):  # of MessagePack: what it is, and where it ends
    t, at = b[at], at + 1
    if t < 0x80 or t >= 0xE0: return (t ^ 0x80) - 0x80, at
    if 0xC0 <= t <= 0xC3: return {0xC0: None, 0xC2: False, 0xC3: True}[t], at
    if t in NUMBERS: return struct.unpack_from(NUMBERS[t], b, at)[0], at + struct.calcsize(NUMBERS[t])
    if t < 0xC0: sort, n = (dict, t & 15) if t < 0x90 else (list, t & 15) if t < 0xA0 else (str, t & 31)
    else: (sort, width), at = LONG[t], at + LONG[t][1]; n = int.from_bytes(b[at - width:at], 'big')
    if sort in (bytes, str): return (b[at:at + n] if sort is bytes else b[at:at + n].decode()), at + n
    items = []
    for _ in range(2 * n if sort is dict else n):
        item, at = value(b, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if sort is dict else items), at
def varints(b):
    out, number, shift = [], 0, 0
    for byte in b:
        number, shift = number | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80: out.append(number); number = shift = 0
    return out
def signed(code): return (code >> 1) ^ -(code & 1)
def column(b, n):
    if b[0] == 0: return varints(b[1:]) * n
    if b[0] == 1: words = varints(b[2:len(b) - n]); return [words[i] for i in b[len(b) - n:]]
    if b[0] == 3: return struct.unpack('<%dI' % n, b[1:])
    last = 0
    return [last := (last + signed(code)) & 0xFFFFFFFF for code in varints(b[1:])]
def rows(chunk):
    n, c, s = chunk['count'], chunk['columns'], chunk.get('steps')
    several = lambda size, *names: list(zip(*(column(c[name], size) for name in names)))
    if s is None: return several(n, 'kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c')
    lanes, shapes = several(s['lanes'], 'laneObject', 'laneC'), several(s['shapes'], 'shapeLane', 'shapeKind', 'shapeCpu', 'shapeB')
    steps, deltas, last = several(s['steps'], 'stepShape', 'stepDelta'), iter(varints(c['deltas'])), [0] * s['lanes']
    def row(token, think):
        shape, delta = (token, next(deltas)) if token < len(shapes) else steps[token - len(shapes)]
        lane, kind, cpu, b = shapes[shape]
        last[lane] = (last[lane] + signed(delta)) & 0xFFFFFFFF
        return kind, cpu, think, lanes[lane][0], last[lane], b, lanes[lane][1]
    return map(row, c['tokens'] if len(c['tokens']) == n else struct.unpack('<%dH' % n, c['tokens']), column(c['thinkNs'], n))
def events(data):
    at = seq = first = 0
    while True:
        record, end = value(data, at)
        assert zlib.crc32(data[at:end - 4]) == record['checksum'], 'checksum at byte %d' % at
        if at == 0: kinds = record['kinds']; assert (record['format'], record['version']) == ('vmsplit-trace', 1), 'format'
        elif record['record'] == 'index': break
        else:
            assert (record['seq'], record['firstEvent']) == (seq, first), 'sequence at byte %d' % at
            seq, first = seq + 1, first + record['count']
            for code, cpu, think, *words in rows(record):
                kind, words = kinds[str(code)], dict(zip(('object', 'a', 'b', 'c'), words))
                yield {'kind': kind['name'], 'cpu': cpu, 'thinkNs': think, **{f: words[k] for f, k in kind['fields'].items()}}
        at = end
    assert record['totals']['events'] == first and value(data, end) == ([end - at, 'vmsplit-end'], len(data)), 'end'
found = events(open(sys.argv[-1], 'rb').read())
print(sum(1 for _ in found)) if '--count' in sys.argv else sys.stdout.writelines(json.dumps(event) + '\n' for event in found)
