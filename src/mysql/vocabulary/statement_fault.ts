import { digest } from "../../digest/mod.ts";
import type { ComparedText, Fault } from "../../language/mod.ts";

/** The version of this program's digests. A different version would give a different digest. */
const [VERSION = ""] = digest("SELECT 1").digest.split(":");

/** Returns what is wrong with a text that is compared with a digest. */
export function digestFault({ text, way }: ComparedText): Fault | undefined {
  if (text === "" || way === "matches" || /^[%_]/.test(text)) return undefined;
  const found = /^v(\d+):/.exec(text);
  if (found === null) {
    if (/^[0-9a-f]{16}$/.test(text)) {
      return { why: "it begins with its version", meant: `'${VERSION}:${text}'` };
    }
    const why = /^[0-9a-f]{32}(?:[0-9a-f]{32})?$/i.test(text)
      ? "this is the server's own hash, `query-sniper digest --format json` prints it"
      : `it is a hash such as ${VERSION}:9f86d081884c7d65, which \`query-sniper digest --format json\` prints`;
    return { why };
  }
  if (`v${found[1]}` !== VERSION) return { why: `the hashes of this program begin with "${VERSION}:"` };
  const hash = text.slice(found[0].length);
  if (way === "like") {
    return /^[0-9a-f%_]*$/i.test(hash) ? undefined : { why: "its hash has hexadecimal digits" };
  }
  if (/^[0-9a-f]{16}$/.test(hash)) return undefined;
  const why = "its hash has 16 hexadecimal digits in small letters";
  return /^[0-9a-f]{16}$/i.test(hash) ? { why, meant: `'${VERSION}:${hash.toLowerCase()}'` } : { why };
}

/** Words that can be a whole statement. */
const WHOLE = /^(?:commit|rollback|begin|shutdown|restart|help|stop|start|xa|)$/i;

/** Returns what is wrong with a text that is compared with the whole text of a statement. */
export function statementFault({ text, way }: ComparedText): Fault | undefined {
  if (way !== "equal" || !/^\S+$/.test(text) || WHOLE.test(text)) return undefined;
  const isBegin =
    /^(?:select|insert|update|delete|replace|with|alter|create|drop|call|load|set|show|truncate)$/i.test(
      text,
    );
  return {
    why: "it is the text of a whole statement",
    meant: `sql like '${isBegin ? `${text}%` : `%${text}%`}'`,
  };
}
