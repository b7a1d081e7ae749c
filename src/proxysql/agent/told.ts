/** What was told last of each thing, so that only changes are told. */
export class Told {
  readonly #last = new Map<string, string>();

  /** Whether this is new; what is undefined is none. */
  isNew(thing: string, value: string | undefined): boolean {
    if (this.#last.get(thing) === value) return false;
    if (value === undefined) this.#last.delete(thing);
    else this.#last.set(thing, value);
    return value !== undefined;
  }

  /** Forgets the things of a kind that are not among these. */
  keepOnly(kind: string, things: ReadonlySet<string>): void {
    for (const thing of [...this.#last.keys()]) {
      if (thing.startsWith(`${kind} `) && !things.has(thing)) this.#last.delete(thing);
    }
  }
}
