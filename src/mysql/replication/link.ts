import type { Channel } from "./channel.ts";

/** What each channel last heard, and since when that has not changed, by channel name. Plain data. */
export type Links = Readonly<Record<string, { readonly heard: string; readonly since: number }>>;

/**
 * Tracks how long each channel has been silent, if the server does not show it: MariaDB counts heartbeats, but does
 * not timestamp them.
 * @param now By the clock's `now`, in milliseconds.
 */
export function listen(
  before: Links,
  channels: readonly Channel[],
  now: number,
): { readonly links: Links; readonly channels: readonly Channel[] } {
  const links = Object.fromEntries(channels.map(({ name, heard, receiving }) => {
    const last = Object.hasOwn(before, name) ? before[name] : undefined;
    const unchanged = last !== undefined && last.heard === heard && receiving === "on";
    return [name, unchanged ? last : { heard, since: now }];
  }));
  const withSilence = channels.map((channel) => ({
    ...channel,
    silent: channel.silent ?? now - links[channel.name]!.since,
  }));
  return { links, channels: withSilence };
}
