// The search: names of everything, and actions. An index of lower-case texts is scanned whole; at 2,000 accounts and 22,000
// actions that takes a few milliseconds, and finds what stands in the middle of a name.

const KINDS = { set: "Permission sets", principal: "Groups and users", account: "Accounts", unit: "Organizational units", policy: "Customer-managed policies", action: "Actions" };

const index = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
sets.forEach((set, n) => index.set.push(entry(set.name, n, set.description)));
principals.name.forEach((name, n) => index.principal.push(entry(name, n)));
accounts.name.forEach((name, n) => index.account.push(entry(name, n, accounts.id[n])));
units.path.forEach((path, n) => path && index.unit.push(entry(path, n, units.id[n])));
policies.forEach((policy, n) => index.policy.push(entry(policy.name, n)));
actionNames.forEach((name, n) => index.action.push(entry(name, n)));

function entry(name, number, also) {
  return { text: name.toLowerCase(), also: also ? also.toLowerCase() : "", number };
}

/**
 * The best finds of each kind: those that begin with what is sought, then those with a word that does, then the rest, and
 * short names before long ones. More of a kind are shown where few kinds have any.
 */
function search(sought, most = 40) {
  const text = sought.trim().toLowerCase();
  if (!text) return [];
  const pattern = /[*?]/.test(text) ? glob(text.includes(":") ? text : `*${text}*`) : null;
  const groups = Object.keys(KINDS).flatMap((kind) => {
    const ranked = [[], [], [], []];
    for (const item of index[kind]) {
      const rank = pattern ? (pattern.test(item.text) ? 1 : -1) : rankOf(item, text);
      if (rank >= 0) ranked[rank].push(item);
    }
    const found = ranked.reduce((sum, list) => sum + list.length, 0);
    return found ? [{ kind, found, ranked }] : [];
  });
  const each = Math.max(6, Math.floor(most / Math.max(1, groups.length)));
  return groups.map(({ kind, found, ranked }) => {
    const best = [];
    for (const list of ranked) {
      if (best.length >= each) break;
      list.sort((a, b) => a.text.length - b.text.length || a.number - b.number);
      best.push(...list.slice(0, each - best.length));
    }
    return { kind, found, items: best.map((item) => item.number) };
  });
}

function rankOf(item, text) {
  const at = item.text.indexOf(text);
  if (at < 0) return item.also.includes(text) ? 3 : -1;
  if (at === 0) return item.text.length === text.length ? 0 : 1;
  return /[a-z0-9]/.test(item.text[at - 1]) ? 3 : 2;
}

/** The name of a find, and what to say beside it. */
function findText(kind, n) {
  switch (kind) {
    case "set": return [sets[n].name, [privilegeOf(n), count(pairsOfSet[n].length, "principal")].filter(Boolean).join(" · ")];
    case "principal": return [principals.name[n], `${principalKind(n)} · ${count(pairsOfPrincipal[n].length, "permission set")}`];
    case "account": return [accounts.name[n], `${accounts.id[n]} · ${unitPath(accounts.unit[n])}`];
    case "unit": return [units.path[n], count(membersBetween(units.start[n], units.end[n]), "account")];
    case "policy": return [policies[n].name, policies[n].external ? "kept by others" : "distributed"];
    default: return [actionNames[n], LEVELS[actionLevels[n]]];
  }
}

/** The box with its list, as the combobox of the ARIA practices. */
function searchBox() {
  const list = el("div", { id: "finds", class: "finds", role: "listbox", "aria-label": "Finds", hidden: true });
  const said = el("div", { class: "unseen", role: "status" });
  const input = el("input", {
    id: "search", type: "search", role: "combobox", autocomplete: "off", spellcheck: "false",
    placeholder: "Search principals, accounts, OUs, sets, actions", "aria-label": "Search",
    "aria-controls": "finds", "aria-expanded": "false", "aria-autocomplete": "list",
  });
  let options = [];
  let at = -1;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (to) => {
    options[at]?.setAttribute("aria-selected", "false");
    at = to;
    options[at]?.setAttribute("aria-selected", "true");
    options[at]?.scrollIntoView({ block: "nearest" });
    if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
  };
  const choose = (option) => {
    close();
    show({ kind: option.dataset.kind, number: Number(option.dataset.number) }, input);
  };
  const fill = () => {
    const groups = search(input.value);
    options = [];
    list.replaceChildren(...groups.map(({ kind, found, items }) => {
      const head = el("div", { class: "finds-head", id: `finds-${kind}` }, KINDS[kind], el("span", {}, figure(found)));
      return el("div", { role: "group", "aria-labelledby": head.id }, head, items.map((number) => {
        const [name, beside] = findText(kind, number);
        const option = el("div", {
          id: `find-${options.length}`, role: "option", class: "find", "aria-selected": "false",
          "data-kind": kind, "data-number": number,
        }, el("span", { class: kind === "action" ? "find-name code" : "find-name" }, name), el("span", { class: "find-beside" }, beside));
        options.push(option);
        return option;
      }));
    }));
    if (!groups.length && input.value.trim()) list.append(el("p", { class: "finds-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, input.value.includes(":") ? "No permission set may perform an action called so." : "Nothing is called so."));
    const open = input.value.trim() !== "";
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    said.textContent = open ? count(groups.reduce((sum, group) => sum + group.found, 0), "find") : "";
    at = -1;
    input.removeAttribute("aria-activedescendant");
  };
  input.addEventListener("input", fill);
  input.addEventListener("focus", () => input.value.trim() && fill());
  input.addEventListener("keydown", (event) => {
    const last = options.length - 1;
    if (event.key === "ArrowDown" && last >= 0) mark(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp" && last >= 0) mark(at <= 0 ? last : at - 1);
    else if (event.key === "Enter" && options.length && !list.hidden) choose(options[Math.max(at, 0)]);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-kind]");
    if (option) choose(option);
  });
  input.addEventListener("blur", close);
  return el("div", { class: "search", role: "search" }, input, list, said);
}
