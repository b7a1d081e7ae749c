/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>} Properties */

/**
 * An element. Texts become text nodes, so no text is ever read as markup; functions listen to the event of their name.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  return /** @type {any} */ (furnished(document.createElement(tag), properties, children));
}

/**
 * An element of a drawing.
 * @param {string} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function drawn(tag, properties = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return /** @type {any} */ (furnished(made, properties, children));
}

/**
 * @param {Element} made
 * @param {Properties} properties
 * @param {readonly Child[]} children
 */
function furnished(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      made.append(child instanceof Node ? child : String(child));
    }
  }
  return made;
}

/**
 * Changes a text only if it is another one: what does not change is not laid out again.
 * @param {Element} place
 * @param {string} text
 */
export function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/**
 * @param {Element} place
 * @param {string} name
 * @param {string | null} value Null: without it.
 */
export function setAttribute(place, name, value) {
  if (place.getAttribute(name) === value) return;
  if (value === null) place.removeAttribute(name);
  else place.setAttribute(name, value);
}

/**
 * Puts children in an order, and moves only those that are not where they belong.
 * @param {Element} parent
 * @param {readonly Element[]} children
 */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}

/**
 * The element of this page with an id.
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} kind
 * @returns {E}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`This page lacks ${id}`);
  return found;
}
