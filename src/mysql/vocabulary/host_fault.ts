import type { ComparedText, Fault } from "../../language/mod.ts";

const NO_MASK = "it is an address without a network's mask";
/** Network masks that end at a dot of the address, with the number of parts before it. */
const MASKS: Readonly<Partial<Record<string, number>>> = {
  "8": 1,
  "16": 2,
  "24": 3,
  "255.0.0.0": 1,
  "255.255.0.0": 2,
  "255.255.255.0": 3,
};

/** Returns what is wrong with a text that is compared with a client's host, which is a name or an address alone. */
export function hostFault({ text, way }: ComparedText): Fault | undefined {
  if (way === "matches") {
    return /\/(?:\d|\\d)/.test(text) ? { why: NO_MASK, isDoubtful: true } : undefined;
  }
  const [, address = "", mask = ""] = /^([\d.%]+)\/([\d.]+)$/.exec(text) ?? [];
  const count = MASKS[mask];
  if (count !== undefined) {
    const parts = address.split(".").slice(0, count).filter((part) => part !== "%");
    return { why: NO_MASK, meant: `host like '${[...parts, "%"].join(".")}'` };
  }
  if (/^[a-z]+:\/\//i.test(text)) return { why: "it is a name or an address alone" };
  if (text.includes("/")) return { why: `${NO_MASK}, and "like" compares its beginning` };
  const [, before, after] = /^(.*?)\]?:(\d{1,5}|%)$/s.exec(text) ?? [];
  if (before !== undefined && after !== undefined && (text.startsWith("[") || !before.includes(":"))) {
    // `fe80:%` is the start of an IPv6 address.
    if (after === "%" && /^[0-9a-f]{1,4}$/i.test(before)) return undefined;
    return { why: "it has no port", meant: `'${before.replace(/^\[/, "")}'` };
  }
  if (/[@\s,;[\]]/.test(text)) return { why: "it is one name or address alone" };
  return way === "equal" ? addressFault(text) : undefined;
}

function addressFault(text: string): Fault | undefined {
  if (text.includes(":")) return longAddressFault(text);
  if (/^\d[\d.]*-\d/.test(text)) return { why: 'it is one address, and "like" compares its beginning' };
  if (!/^\d+(?:\.\d*)*$/.test(text)) return undefined;
  const parts = text.split(".").filter((part) => part !== "");
  const isAddress = parts.length <= 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  if (!isAddress) return { why: "this is no address" };
  if (parts.length === 4) return text.endsWith(".") ? { why: "this is no address" } : undefined;
  return { why: "this is no whole address", meant: `host like '${parts.join(".")}.%'` };
}

/** The same for an IPv6 address. */
function longAddressFault(text: string): Fault | undefined {
  if (/^::ffff:\d/i.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const shown = new URL(`http://[${text}]`).hostname.slice(1, -1);
  return shown === text
    ? undefined
    : { why: "servers show an address in its shortest form", meant: `'${shown}'` };
}
