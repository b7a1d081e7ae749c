import type { Destination } from "../config/mod.ts";
import type { Channel } from "./channel.ts";
import { slackChannel } from "./slack.ts";
import { webhookChannel } from "./webhook.ts";

/** The channel that leads to a destination. */
export function channelTo(name: string, to: Destination): Channel {
  switch (to.kind) {
    case "webhook":
      return webhookChannel(name, to);
    case "slack":
      return slackChannel(to);
  }
}
