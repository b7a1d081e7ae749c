import type { ChangeNews } from "./change_context.ts";

/**
 * Tells of one change each step once, and what it waits for there once for each reason: it is tried again every second,
 * maybe for hours.
 */
export function toldOnce(tell: (news: ChangeNews) => void): (news: ChangeNews) => void {
  let step: string | undefined;
  let reason: string | undefined;
  return (news) => {
    if (news.kind === "step") {
      if (news.change.step === step) return;
      [step, reason] = [news.change.step, undefined];
    } else if (news.kind === "waiting") {
      if (news.reason === reason) return;
      reason = news.reason;
    }
    tell(news);
  };
}
