import { limited, type Link, startLink } from "../lab/mod.ts";

/** A link that lets a server's answers through only so fast. */
export interface SlowLink extends Link {
  /** Lets so many bytes a second through from now on; 0 holds everything back. */
  limit(bytesPerSecond: number): void;
}

/** Starts a link to a port on loopback; unlimited at first. */
export function startSlowLink(port: number): SlowLink {
  let rate = Number.POSITIVE_INFINITY;
  const link = startLink({ host: "127.0.0.1", port }, () => ({
    toServer: limited(() => Number.POSITIVE_INFINITY),
    toClient: limited(() => rate),
  }));
  return {
    ...link,
    limit(bytesPerSecond) {
      rate = bytesPerSecond;
    },
  };
}
