import type { Expectation, ExpectedSurvivor, ExpectedVictim, Trial } from "./trial.ts";
import { claims, type Policy } from "../policy/mod.ts";
import { simulate, type SimulatedLook } from "./simulation.ts";
import type { TrialFailure } from "./failure.ts";
import { judgeGroup } from "./group_judge.ts";
import type { GroupTrial } from "./group_trial.ts";
import { becauseText, gateText, type Scene, type Selection, time, whyNotSelected } from "./reason.ts";

/** Runs a test. Returns its failures: none if it passes. */
export async function judge(trial: Trial | GroupTrial): Promise<readonly TrialFailure[]> {
  if ("growth" in trial) return judgeGroup(trial);
  const judge = new Judge(trial);
  for await (const look of simulate(trial)) judge.see(look);
  return judge.failures;
}

/** What policies did to sessions, and how many of these the test has checked. */
interface SelectionCount {
  readonly all: Selection[];
  asked: number;
}

class Judge {
  readonly failures: TrialFailure[] = [];
  readonly #trial: Trial;
  readonly #kills: SelectionCount = { all: [], asked: 0 };
  readonly #matches: SelectionCount = { all: [], asked: 0 };

  constructor(trial: Trial) {
    this.#trial = trial;
  }

  see(look: SimulatedLook): void {
    for (const decision of look.decisions) {
      const { verdict, policy, session: { execution } } = decision;
      const selection: Selection = { at: look.at, decision };
      if (verdict === "act") this.#kills.all.push(selection);
      else if (verdict !== "skip" && !this.#matches.all.some(isOf(policy, execution))) {
        this.#matches.all.push(selection);
      }
    }
    const scene: Scene = { trial: this.#trial, look, kills: this.#kills.all };
    for (const expectation of this.#trial.expect) {
      if (expectation.at >= look.at && expectation.at < look.until) this.#judge(expectation, scene);
    }
  }

  #judge({ at, gates, victims, matches, spared }: Expectation, scene: Scene): void {
    for (const [name, expected] of Object.entries(gates)) {
      const gate = scene.look.gates.find(({ policy }) => policy === name)!;
      if (gate.state === expected) continue;
      this.failures.push({
        at,
        what: `gate of ${name}`,
        expected: [expected],
        found: [gateText(gate)],
        why: [],
      });
    }
    const { policies, domain } = this.#trial.database.rules;
    const asked = { at, scene };
    if (victims !== undefined) {
      this.#compare(victims, this.#kills, {
        ...asked,
        what: "victims",
        policies: policies.filter((policy) => claims(policy, domain)),
      });
    }
    if (matches !== undefined) {
      const watching = policies.filter((policy) => !claims(policy, domain));
      this.#compare(matches, this.#matches, { ...asked, what: "matches", policies: watching });
    }
    for (const expected of spared) this.#checkSpared(expected, { ...asked, policies });
  }

  #compare(
    expected: readonly ExpectedVictim[],
    record: SelectionCount,
    { at, what, scene, policies }: AskedMoment & { readonly what: string },
  ): void {
    const found = record.all.slice(record.asked);
    record.asked = record.all.length;
    const surplus = [...found];
    const missing = expected.filter((victim) => {
      const index = surplus.findIndex((selection) => isMeant(victim, selection));
      if (index >= 0) surplus.splice(index, 1);
      return index < 0;
    });
    if (missing.length === 0 && surplus.length === 0) return;
    // A session that was killed in another way than expected gets a failure of its own.
    const absent = missing.filter(({ session }) =>
      !surplus.some(({ decision }) => decision.session.id === session)
    );
    this.failures.push({
      at,
      what,
      expected: orNobody(expected.map(expectedText)),
      found: orNobody(found.map(selectionText)),
      why: [
        ...absent.flatMap(({ session, policy }) =>
          whyNotSelected(
            session,
            policies.filter(({ name }) => policy === undefined || name === policy),
            scene,
          )
        ),
        ...surplus.map(whySelected),
      ],
    });
  }

  #checkSpared(
    { session: id, policy, reason }: ExpectedSurvivor,
    { at, scene, policies }: AskedMoment,
  ): void {
    const { decisions, snapshot } = scene.look;
    const of = reason === undefined
      ? "alive"
      : `spared, ${reason}${policy === undefined ? "" : `, by ${policy}`}`;
    const failure = { at, what: "spared", expected: [`session ${id} ${of}`] };
    const kills = scene.kills.filter(({ decision }) => decision.session.id === id);
    if (kills.length > 0) {
      this.failures.push({ ...failure, found: kills.map(selectionText), why: kills.map(whySelected) });
      return;
    }
    const isThere = snapshot?.sessions.some((session) => session.id === id);
    const isSpared = reason === undefined ||
      decisions.some((decision) =>
        decision.session.id === id && decision.verdict === "skip" && decision.reason === reason &&
        (policy === undefined || decision.policy === policy)
      );
    if (isThere && isSpared) return;
    const asked = policies.filter(({ name }) => policy === undefined || name === policy);
    const found = [isThere ? "alive, but not for that reason" : "not there"];
    this.failures.push({ ...failure, found, why: whyNotSelected(id, asked, scene) });
  }
}

interface AskedMoment {
  readonly at: number;
  readonly scene: Scene;
  /** The policies that might have acted. */
  readonly policies: readonly Policy[];
}

function isOf(policy: string, execution: string): (selection: Selection) => boolean {
  return ({ decision }) => decision.policy === policy && decision.session.execution === execution;
}

function isMeant({ session, policy, action, because }: ExpectedVictim, { decision }: Selection): boolean {
  const clauses = decision.because.map(({ expression }) => inOneLine(expression));
  return decision.session.id === session && (policy === undefined || decision.policy === policy) &&
    (action === undefined || decision.action === action) &&
    because.every((clause) => clauses.includes(inOneLine(clause)));
}

/** A clause in the form that is compared: without the effect of `not`. */
function inOneLine(clause: string): string {
  return clause.replace(/\s+/g, " ").trim().replace(/^not /i, "");
}

function expectedText({ session, policy, action, because }: ExpectedVictim): string {
  return [
    `session ${session}`,
    ...policy === undefined ? [] : [`by ${policy}`],
    ...action === undefined ? [] : [`(${action})`],
    ...because.length === 0 ? [] : [`because ${because.join(" and ")}`],
  ].join(" ");
}

function selectionText({ at, decision: { session, policy, action } }: Selection): string {
  return `session ${session.id} by ${policy} (${action}) at ${time(at)}`;
}

function whySelected({ decision: { session, policy, because } }: Selection): string {
  return `session ${session.id}, ${policy}: ${because.length === 0 ? "always" : becauseText(because)}`;
}

function orNobody(items: readonly string[]): readonly string[] {
  return items.length === 0 ? ["nobody"] : items;
}
