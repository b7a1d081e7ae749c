/** How a text is compared. A `like` without a wildcard compares the whole text, so it counts as `equal`. */
export type Way = "equal" | "like" | "matches";

/** A text in an expression, and how a name is compared with it. */
export interface ComparedText {
  readonly name: string;
  readonly text: string;
  readonly way: Way;
  /** Whether it is a pattern of `like`, even one without a wildcard. */
  readonly isLike: boolean;
  /** Whether the clause selects what has this text, rather than what does not. */
  readonly isAsked: boolean;
}

/** What is wrong with a text: the message, and what was probably meant. */
export interface Fault {
  readonly why: string;
  readonly meant?: string;
  readonly isDoubtful?: true;
  readonly isOfWhere?: true;
}
