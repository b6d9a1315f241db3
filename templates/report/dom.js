// Elements. Every text of the model reaches the page through here, as the text of a node or the value of an attribute:
// nothing in these scripts makes elements of strings.

/** An element: `props` are attributes, `on…` listeners; children are nodes, texts, or nothing. */
function el(tag, props, ...children) {
  return dress(document.createElement(tag), props, children);
}

/** The same for a drawing. */
function svg(tag, props, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

function dress(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

const numbers = new Intl.NumberFormat("en");

/** 1,234 */
function figure(number) {
  return numbers.format(number);
}

/** "1 account", "1,234 accounts" */
function count(number, what, many = `${what}s`) {
  return `${figure(number)} ${number === 1 ? what : many}`;
}

/** A sentence in which what stands between backticks is code. */
function prose(text) {
  return text.split("`").map((part, at, parts) => (at % 2 && at < parts.length - 1 ? el("code", {}, part) : at % 2 ? `\`${part}` : part));
}

/** 2026-12-01, in UTC as everything here. */
function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** "2 h", "1 h 30 min" */
function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean).join(" ") || `${seconds} s`;
}
