import { Buffer } from "node:buffer";

/** A mail of one part: its headers in lower case, folded lines joined, and its text. */
export function readMail(
  source: string,
): { readonly headers: ReadonlyMap<string, string>; readonly body: string } {
  const at = source.indexOf("\r\n\r\n");
  const lines = source.slice(0, at).replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const text = source.slice(at + 4);
  switch (headers.get("content-transfer-encoding")) {
    case "base64":
      return { headers, body: Buffer.from(text, "base64").toString() };
    case "quoted-printable":
      return { headers, body: quotedPrintable(text) };
    default:
      return { headers, body: text };
  }
}

function quotedPrintable(text: string): string {
  const joined = text.replaceAll("=\r\n", "");
  return Buffer.from(
    joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  ).toString();
}
