import { newScan, type Scan } from "./scan.ts";
import { isFaithful } from "./skeleton.ts";
import { newSkeletonMap, type SkeletonMap } from "./skeleton_map.ts";
import {
  type ByteSource,
  newStatementReader,
  type Statement,
  type StatementReader,
  type StatementReaderOptions,
} from "./statement_reader.ts";

/** A text for each statement that depends on its digest, verb and tables only, made once for all that have them. */
export interface StatementLines {
  /** Reads statements; one source after the other, not two at a time. */
  read(source: ByteSource, options?: StatementReaderOptions): StatementReader;
  /** The text of the statement that was read last, in UTF-8 once it is kept. Undefined for white space and comments. */
  line(statement: Statement): Uint8Array | string | undefined;
  /** Whether that statement has comments. */
  isCommented(): boolean;
  /** Its own text. */
  sql(statement: Statement): string;
}

/** Makes the text of a statement, or of one with its skeleton; undefined where there is nothing to tell. */
export type Describe = (sql: string, options: { readonly cut: boolean }) => string | undefined;

/** Reads statements and describes them. */
export function newStatementLines(describe: Describe): StatementLines {
  const scan = newScan();
  const known: SkeletonMap<Uint8Array> = newSkeletonMap(scan.skeleton);
  const sql = ({ start, end }: Statement) => decoder.decode(scan.bytes.subarray(start, end));
  return {
    read: (source, options) => newStatementReader(source, scan, options),
    line(statement) {
      const { cut } = statement;
      if (cut || !scan.skeleton.plain) return describe(sql(statement), { cut });
      if (scan.skeleton.length === 0) return undefined;
      return known.get() ?? newLine(scan, { known, describe }) ?? describe(sql(statement), { cut });
    },
    isCommented: () => scan.commented,
    sql,
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The line of a skeleton that is not kept, which it is the second time; undefined where that is not the line of the
 * statement.
 */
function newLine(
  { skeleton }: Scan,
  { known, describe }: { readonly known: SkeletonMap<Uint8Array>; readonly describe: Describe },
): string | undefined {
  const text = decoder.decode(skeleton.text.subarray(0, skeleton.length));
  if (!isFaithful(text)) return undefined;
  const described = describe(text, { cut: false });
  if (described !== undefined && known.isRepeated()) {
    const line = encoder.encode(described);
    known.set(line, { bytes: line.length });
  }
  return described;
}
