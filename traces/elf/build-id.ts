/** The build-id of a program: the note by which tools tell builds of it apart (ld --build-id). */

const [NT_GNU_BUILD_ID, GNU] = [3, 'GNU\0'];
const MOST_BYTES = 64;

/** As hexadecimal digits; undefined where no note is one. */
export function buildIdIn(notes: Iterable<Uint8Array>, isBigEndian: boolean): string | undefined {
  for (const bytes of notes) {
    const found = buildIdOf(bytes, isBigEndian);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Notes one after the other: sizes of name and content, type, name, content, each from a multiple of 4 on. */
function buildIdOf(bytes: Uint8Array, isBigEndian: boolean): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameBytes, contentBytes, type] = [0, 4, 8].map((field) =>
      view.getUint32(at + field, !isBigEndian),
    ) as [number, number, number];
    const content = at + 12 + aligned(nameBytes);
    const name = String.fromCharCode(...bytes.subarray(at + 12, at + 12 + Math.min(nameBytes, GNU.length)));
    if (type === NT_GNU_BUILD_ID && name === GNU && contentBytes <= MOST_BYTES)
      return hex(bytes.subarray(content, content + contentBytes));
    at = content + aligned(contentBytes);
  }
  return undefined;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
