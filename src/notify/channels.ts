import type { Destination } from "../config/mod.ts";
import type { Channel } from "./channel.ts";
import { alertmanagerChannel } from "./alertmanager.ts";
import { emailChannel } from "./email.ts";
import { pagerdutyChannel } from "./pagerduty.ts";
import { slackChannel } from "./slack.ts";
import { webhookChannel } from "./webhook.ts";

/** The channel that leads to a destination. */
export function channelTo(name: string, to: Destination): Channel {
  switch (to.kind) {
    case "webhook":
      return webhookChannel(name, to);
    case "slack":
      return slackChannel(to);
    case "pagerduty":
      return pagerdutyChannel(to);
    case "email":
      return emailChannel(name, to);
    case "alertmanager":
      return alertmanagerChannel(to);
  }
}
