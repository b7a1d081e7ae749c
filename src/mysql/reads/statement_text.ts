import { verbOf } from "../../digest/mod.ts";
import { isDumpProgram } from "../dump_program.ts";
import type { Unknown } from "../../language/mod.ts";
import { Secret } from "../../text/secret.ts";
import type { RawSession } from "./raw_session.ts";
import type { Session } from "../../policy/mod.ts";

/** The text of a session's statement and its verb, if they are known. */
export function statementOf(
  { running, text, program }: RawSession,
  textLimit: number,
): Pick<Session, "sql" | "verb"> {
  if (!running) return { sql: "", verb: "" };
  if (text === null) {
    const unknown: Unknown = { unknown: "the server shows no statement text" };
    return { sql: unknown, verb: unknown };
  }
  const cut = isCut(text, textLimit);
  return { sql: { text: new Secret(text), cut }, verb: verbOfText(text, { cut, program }) };
}

/** The verb of a statement. For a dump program, every SELECT is part of a dump. */
export function verbOfText(
  text: string,
  { cut, program }: { readonly cut: boolean; readonly program: unknown },
): Session["verb"] {
  const verb = verbOf(text, { cut });
  if (verb === "select" && isDumpProgram(program)) return "dump";
  return verb ?? { unknown: "the verb is not in the part of the text that the server keeps" };
}

/** Whether a text was cut: it fills the server's column to within one character. */
export function isCut(text: string, limit: number): boolean {
  return text.length * 4 >= limit && new TextEncoder().encode(text).length >= limit - 4;
}
