import {
  type ByteSource,
  digest,
  digestText,
  newStatementLines,
  shapeOf,
  type Statement,
  type StatementLines,
  tablesOf,
  tagsOf,
  verbOf,
} from "../../../digest/mod.ts";
// Not from what reads configurations, which takes longer to load than a small file takes to digest.
import { DEFAULT_TAGS } from "../../../config/default_tags.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { newOutput, type Output, OutputError } from "../../output.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper digest`. */
export const digestStatements: Run = async (invocation, terminal) => {
  const query = invocation.options.get("query");
  const files = filesOf(invocation);
  const format = invocation.options.get("format") === "json" ? JSON_LINES : TEXT_LINES;
  const work: Work = {
    format,
    lines: newStatementLines(format.shared),
    output: newOutput(Deno.stdout),
    terminal,
  };
  let isDone = true;
  try {
    if (query !== undefined) await writeDigests(sourceOf(query), work);
    for (const file of files) isDone = await digestFile(file, work) && isDone;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    // The reader of the lines may have stopped reading, like `head`.
    if (error.cause instanceof Deno.errors.BrokenPipe) return isDone ? 0 : 1;
    terminal.warn(`query-sniper: cannot write the digests: ${await reasonOf(error.cause)}`);
    return 1;
  }
  return isDone ? 0 : 1;
};

interface Format {
  /** The part that statements with the same digest, verb and tables share. */
  shared(sql: string, options: { readonly cut: boolean }): string | undefined;
  /** The rest of the line, if any: it may depend on the comments of the statement. */
  readonly own?: (lines: StatementLines, statement: Statement) => Uint8Array;
}

interface Work {
  readonly format: Format;
  readonly lines: StatementLines;
  readonly output: Output;
  readonly terminal: Terminal;
}

/** The files to read; "-" is standard input. */
function filesOf({ options, arguments: files }: Invocation): readonly string[] {
  if (!options.has("query")) return files.length > 0 ? files : ["-"];
  if (files[0] !== undefined) throw new UsageError(`--query takes the place of files: ${quoted(files[0])}`);
  return [];
}

/** Digests a file. Returns false if it cannot be read to its end, after printing the reason. */
async function digestFile(file: string, work: Work): Promise<boolean> {
  let failure: unknown;
  const fail = (error: unknown) => {
    failure = error;
    return null;
  };
  const opened = file === "-" ? Deno.stdin : await Deno.open(file).catch(fail);
  if (opened !== null) await writeDigests({ read: (into) => opened.read(into).catch(fail) }, work);
  if (opened !== Deno.stdin) opened?.close();
  if (failure === undefined) return true;
  work.terminal.warn(`${printable(file)}: cannot read the file: ${await reasonOf(failure)}`);
  return false;
}

/** Why something cannot be read or written. The wording is shared with configurations, and loaded only when needed. */
async function reasonOf(error: unknown): Promise<string> {
  const { ioReason } = await import("../../../yaml/document.ts");
  return ioReason(error);
}

/** A text as a source. */
function sourceOf(text: string): ByteSource {
  let left = new TextEncoder().encode(text);
  return {
    read(into) {
      const part = left.subarray(0, into.length);
      into.set(part);
      left = left.subarray(part.length);
      return Promise.resolve(part.length > 0 ? part.length : null);
    },
  };
}

/** Writes a line for each statement of a source, and flushes before it waits for more input. */
async function writeDigests(source: ByteSource, { format, lines, output }: Work): Promise<void> {
  const reader = lines.read(source);
  while (await reader.fill()) {
    for (let statement = reader.next(); statement !== undefined; statement = reader.next()) {
      const line = lines.line(statement);
      if (line !== undefined) {
        output.push(line);
        if (format.own !== undefined) output.push(format.own(lines, statement));
      }
      if (output.isFull()) await output.flush();
    }
    await output.flush();
  }
}

const TEXT_LINES: Format = {
  shared(sql, options) {
    const text = digestText(sql, options);
    return text === "" ? undefined : `${printable(text)}\n`;
  },
};

const ENCODER = new TextEncoder();
const NO_TAGS_END = ENCODER.encode(',"tags":{}}\n');
const JSON_LINES: Format = {
  shared(sql, options) {
    const { digest: hash, digest_text } = digest(sql, options);
    if (digest_text === "") return undefined;
    const verb = verbOf(sql, options);
    const tables = tablesOf(sql, options);
    const shape = shapeOf(sql, options);
    const cut = options.cut ? { cut: true } : {};
    return printable(JSON.stringify({ digest: hash, digest_text, verb, tables, shape, ...cut })).slice(0, -1);
  },
  own(lines, statement) {
    if (!lines.isCommented()) return NO_TAGS_END;
    const { tags } = tagsOf(lines.sql(statement), { cut: statement.cut, keep: DEFAULT_TAGS });
    return ENCODER.encode(`,"tags":${printable(JSON.stringify(tags))}}\n`);
  },
};
