import { newScan } from "./scan.ts";
import type { Scan } from "./scan_state.ts";
import { isFaithful } from "./skeleton.ts";
import {
  type ByteSource,
  newStatementReader,
  type Statement,
  type StatementReader,
  type StatementReaderOptions,
} from "./statement_reader.ts";
import { newTextMap, type TextMap } from "./text_map.ts";

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

/** How many lines are kept, and how much of them. */
const KEPT = { entries: 16_384, bytes: 16 * 2 ** 20 } as const;

/** Reads statements and describes them. */
export function newStatementLines(describe: Describe): StatementLines {
  const scan = newScan();
  const known: TextMap<Uint8Array> = newTextMap(scan.skeleton, KEPT);
  const sql = ({ start, end }: Statement) => decoder.decode(scan.bytes.subarray(start, end));
  return {
    read: (source, options) => newStatementReader(source, scan, options),
    line(statement) {
      const { cut } = statement;
      if (cut || !scan.skeleton.plain) return describe(sql(statement), { cut });
      if (scan.skeleton.length === 0) return undefined;
      const line = known.get();
      if (line !== undefined) return line;
      // Most that were not seen yet will not be again.
      const isNew = !known.isRepeated();
      return (isNew ? undefined : newLine(scan, { known, describe })) ?? describe(sql(statement), { cut });
    },
    isCommented: () => scan.commented,
    sql,
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The line of a skeleton, which is kept from now on; undefined where it is not that of the statement. */
function newLine(
  { skeleton }: Scan,
  { known, describe }: { readonly known: TextMap<Uint8Array>; readonly describe: Describe },
): Uint8Array | undefined {
  const text = decoder.decode(skeleton.text.subarray(0, skeleton.length));
  const described = isFaithful(text) ? describe(text, { cut: false }) : undefined;
  if (described === undefined) return undefined;
  const line = encoder.encode(described);
  known.set(line, { bytes: line.length });
  return line;
}
