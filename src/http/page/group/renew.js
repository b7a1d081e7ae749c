/**
 * Makes the content of a place the same as these nodes, and leaves alone what is so already: what somebody has selected, or
 * listens to, stays.
 * @param {Element} place
 * @param {readonly Node[]} nodes Without listeners: an element that stays keeps its own.
 */
export function renew(place, nodes) {
  const old = [...place.childNodes];
  nodes.forEach((node, index) => {
    const there = old[index];
    if (there === undefined) place.append(node);
    else if (there.nodeName !== node.nodeName) there.replaceWith(node);
    else if (there instanceof Element && node instanceof Element) renewElement(there, node);
    else if (there.nodeValue !== node.nodeValue) there.nodeValue = node.nodeValue;
  });
  for (const rest of old.slice(nodes.length)) rest.remove();
}

/**
 * @param {Element} there
 * @param {Element} next
 */
function renewElement(there, next) {
  for (const { name } of [...there.attributes]) if (!next.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (there.getAttribute(name) !== value) there.setAttribute(name, value);
  }
  renew(there, [...next.childNodes]);
}
