import type { Channel } from "./channel.ts";

/** What was last heard on each channel, and when that was new; by the channel's name. Plain data. */
export type Links = Readonly<Record<string, { readonly heard: string; readonly since: number }>>;

/**
 * Notes for how long nothing has come on each channel, where the server does not tell: MariaDB counts its
 * heartbeats, but does not time them.
 * @param now Milliseconds of the clock's `now`.
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
