/**
 * A Parquet file, row group by row group: hyparquet-writer makes its head, page headers and footer; what stands in the
 * pages is ours (delta.ts, runs.ts). In memory are one row group and what the footer says of all.
 */
import type { ColumnChunk, CompressionCodec, KeyValue, PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writePlain } from 'hyparquet-writer/src/plain.js';
import type { Column, EncodedColumn } from './columns.ts';

/** How pages are compressed; the engine has no codec of its own. */
export interface Compression {
  readonly codec: CompressionCodec;
  compress(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface ParquetOptions {
  readonly compression?: Compression | undefined;
  readonly createdBy: string;
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
}

export class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private readonly columns: readonly Column[];
  private readonly compression: Compression | undefined;
  private coming: ComingGroup | undefined;

  constructor(columns: readonly Column[], { compression, createdBy, metadata }: ParquetOptions) {
    this.columns = columns;
    this.compression = compression;
    const elements = columns.map(({ element }) => element);
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: [{ name: 'events', num_children: elements.length }, ...elements],
      createdBy,
      kvMetadata: Object.entries(metadata).map(([key, value]): KeyValue => ({ key, value })),
    });
  }

  /**
   * Takes what is in the columns as a row group, and empties them. Gives bytes of the file: those of the row group before,
   * whose pages were compressed while this one was filled.
   */
  async rowGroup(rows: number): Promise<Uint8Array> {
    const before = this.coming;
    const encoded = this.columns.map((column) => ({ element: column.element, column: column.encode(rows) }));
    const pages = encoded.map((chunk) => pagesOf(chunk, this.compression));
    for (const column of this.columns) column.clear();
    const all = Promise.all(pages);
    all.catch(() => {}); // told when it is awaited
    this.coming = { rows, pages: all };
    return this.written(before);
  }

  /** The last row group, and the footer. */
  async finish(): Promise<Uint8Array> {
    const last = await this.written(this.coming);
    this.writer.finish();
    return concatenated([last, this.taken()]);
  }

  private async written(group: ComingGroup | undefined): Promise<Uint8Array> {
    if (group !== undefined) this.write(group.rows, await group.pages);
    return this.taken();
  }

  private write(rows: number, columns: readonly Pages[]): void {
    const start = this.bytes.offset;
    const chunks = columns.map((pages) => this.chunk(pages, rows));
    this.writer.num_rows += BigInt(rows);
    this.writer.row_groups.push({
      columns: chunks,
      num_rows: BigInt(rows),
      total_byte_size: chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
      total_compressed_size: BigInt(this.bytes.offset - start),
    });
  }

  /** What was made since the last call. */
  private taken(): Uint8Array {
    const made = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    return made;
  }

  private chunk(pages: Pages, rows: number): ColumnChunk {
    const start = this.bytes.offset;
    const { element, column } = pages;
    const { dictionary, encoding, nrNulls, range } = column;
    const dictionaryBytes = dictionary === undefined ? 0 : this.dictionaryPage(pages, dictionary.length);
    const dataStart = this.bytes.offset;
    const dataBytes = this.dataPage(pages, rows);
    return {
      file_offset: BigInt(start),
      meta_data: {
        type: element.type!,
        encodings: dictionary === undefined ? ['RLE', encoding] : ['PLAIN', 'RLE', encoding],
        path_in_schema: [element.name],
        codec: this.compression?.codec ?? 'UNCOMPRESSED',
        num_values: BigInt(rows),
        total_uncompressed_size: BigInt(dictionaryBytes + dataBytes),
        total_compressed_size: BigInt(this.bytes.offset - start),
        ...(dictionary !== undefined && { dictionary_page_offset: BigInt(start) }),
        data_page_offset: BigInt(dataStart),
        statistics: {
          null_count: BigInt(nrNulls),
          ...(range !== undefined && { min_value: BigInt(range.least), max_value: BigInt(range.most) }),
        },
      },
    };
  }

  /** Its size when nothing is compressed, header included; the same of the next. */
  private dictionaryPage({ names }: Pages, nrNames: number): number {
    const header = this.pageHeader({
      type: 'DICTIONARY_PAGE',
      uncompressed_page_size: names!.plainBytes,
      compressed_page_size: names!.packed.length,
      dictionary_page_header: { num_values: nrNames, encoding: 'PLAIN' },
    });
    this.bytes.appendBytes(names!.packed);
    return header + names!.plainBytes;
  }

  private dataPage({ column, packed }: Pages, rows: number): number {
    const { levels, values, encoding, nrNulls } = column;
    const body = packed ?? values;
    const header = this.pageHeader({
      type: 'DATA_PAGE_V2',
      uncompressed_page_size: levels.length + values.length,
      compressed_page_size: levels.length + body.length,
      data_page_header_v2: {
        num_values: rows,
        num_nulls: nrNulls,
        num_rows: rows,
        encoding,
        definition_levels_byte_length: levels.length,
        repetition_levels_byte_length: 0,
        is_compressed: packed !== undefined,
      },
    });
    this.bytes.appendBytes(levels);
    this.bytes.appendBytes(body);
    return header + levels.length + values.length;
  }

  private pageHeader(header: PageHeader): number {
    const start = this.bytes.offset;
    writePageHeader(this.bytes, header);
    return this.bytes.offset - start;
  }
}

/** A row group whose pages are being compressed. */
interface ComingGroup {
  readonly rows: number;
  readonly pages: Promise<readonly Pages[]>;
}

/** The pages of a column chunk. */
interface Pages {
  readonly element: SchemaElement;
  readonly column: EncodedColumn;
  /** Of the dictionary, if there is one: as the column chunk says, for its page has no word for "not compressed". */
  readonly names: { readonly plainBytes: number; readonly packed: Uint8Array } | undefined;
  /** Values; undefined: they stay as they are. */
  readonly packed: Uint8Array | undefined;
}

async function pagesOf(
  { element, column }: Pick<Pages, 'element' | 'column'>,
  compression: Compression | undefined,
): Promise<Pages> {
  const [names, packed] = await Promise.all([
    packedNames(column.dictionary, compression),
    compressed(column.values, compression),
  ]);
  return { element, column, names, packed };
}

async function packedNames(
  names: readonly string[] | undefined,
  compression: Compression | undefined,
): Promise<Pages['names']> {
  if (names === undefined) return undefined;
  const plain = new ByteWriter();
  writePlain(plain, [...names], 'BYTE_ARRAY', undefined);
  const bytes = plain.getBytes();
  return { plainBytes: bytes.length, packed: (await compression?.compress(bytes)) ?? bytes };
}

const SAMPLE_BYTES = 4096;
/** What is shorter is hardly shorter packed. */
const FEWEST_BYTES = 64;
/** What shrinks less is not worth the time to unpack it. */
const WORTH_IT = 0.9;

/** Undefined: it stays as it is. What is packed already rarely shrinks, and a sample tells. */
async function compressed(
  bytes: Uint8Array,
  compression: Compression | undefined,
): Promise<Uint8Array | undefined> {
  if (compression === undefined || bytes.length < FEWEST_BYTES) return undefined;
  const start = Math.max(0, (bytes.length - SAMPLE_BYTES) >> 1);
  const sample = bytes.subarray(start, start + SAMPLE_BYTES);
  if ((await compression.compress(sample)).length > WORTH_IT * sample.length) return undefined;
  if (sample.length === bytes.length) return compression.compress(bytes);
  const packed = await compression.compress(bytes);
  return packed.length < bytes.length ? packed : undefined;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
