/** How a text is compared; `like` without a wildcard compares the whole of it, as `=` does. */
export type Way = "equal" | "like" | "matches";

/** A text as it is compared with a name. */
export interface ComparedText {
  readonly name: string;
  readonly text: string;
  readonly way: Way;
  /** It is written as a pattern of `like`, perhaps without a wildcard. */
  readonly isLike: boolean;
  /** The clause asks for it, and not for all others. */
  readonly isAsked: boolean;
}

/** What is wrong with a text: what to say, and perhaps what was meant. */
export interface Fault {
  readonly why: string;
  readonly meant?: string;
  readonly isDoubtful?: true;
  readonly isOfWhere?: true;
}
