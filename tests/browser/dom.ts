// What tests use inside of a page. The library of DOM types would redefine for the whole program what Deno declares.

/** An element of a page. */
export interface PageElement {
  readonly textContent: string | null;
  readonly dataset: Readonly<Record<string, string>>;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  /** Of a `data` element alone: its exact figure. */
  readonly value?: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  getAttributeNames(): readonly string[];
  getBoundingClientRect(): { readonly height: number };
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
}

/** What is global in a page. */
export interface PageWindow {
  readonly document: PageElement & {
    readonly documentElement: PageElement;
    readonly activeElement: PageElement | null;
  };
  getComputedStyle(
    element: PageElement,
  ): { readonly backgroundColor: string; readonly outlineStyle: string };
}
