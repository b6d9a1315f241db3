// The matrix: permission sets by organizational units, unfolded to the principals that have them on one side and to accounts
// on the other; or the other way about, principals unfolded to their permission sets.

const matrix = {
  by: "sets",
  filter: "",
  privileged: false,
  open: new Set(),
  units: new Set([0]),
  lines: [],
  columns: [],
};

function matrixLines() {
  const filter = matrix.filter.trim().toLowerCase();
  const bySets = matrix.by === "sets";
  const lines = [];
  const all = bySets ? sets : principals.name;
  all.forEach((_, number) => {
    const own = (bySets ? pairsOfSet : pairsOfPrincipal)[number];
    const other = (pair) => (bySets ? principalName(pairs.principal[pair]) : sets[pairs.permission_set[pair]].name);
    const name = bySets ? sets[number].name : principalName(number);
    const isPrivileged = (set) => sets[set].privileges.length > 0;
    if (matrix.privileged && !(bySets ? isPrivileged(number) : own.some((pair) => isPrivileged(pairs.permission_set[pair])))) return;
    const hit = name.toLowerCase().includes(filter);
    const inner = own.filter((pair) => hit || other(pair).toLowerCase().includes(filter));
    if (filter && !hit && !inner.length) return;
    const ranges = (bySets ? setAccounts : principalAccounts)[number];
    const key = `${matrix.by}/${number}`;
    const open = matrix.open.has(key) || (filter !== "" && !hit);
    lines.push({ level: 1, name, key, open, inner: own.length, ranges, set: bySets ? number : null, principal: bySets ? null : number });
    if (!open) return;
    for (const pair of inner) {
      lines.push({ level: 2, name: other(pair), ranges: pairAccounts[pair], set: pairs.permission_set[pair], principal: pairs.principal[pair], pair });
    }
  });
  return lines;
}

function matrixColumns() {
  const narrow = window.innerWidth < 760;
  const columns = [{ width: narrow ? 176 : 290 }, { width: 96, all: true, start: 0, end: accounts.id.length, name: "All accounts", above: "" }];
  const add = (unit, depth) => {
    const open = matrix.units.has(unit);
    const unfolds = children[unit].length + direct[unit].length > 0;
    columns.push({ width: 112, unit, depth, start: units.start[unit], end: units.end[unit], name: unitName(unit), above: units.path[units.parent[unit]] ?? "", open: unfolds ? open : undefined });
    if (open) below(unit, depth + 1);
  };
  const below = (unit, depth) => {
    children[unit].forEach((child) => add(child, depth));
    direct[unit].forEach((account) => columns.push({ width: 112, account, depth, start: account, end: account + 1, name: accounts.name[account], above: account === accounts.management ? "management account" : unitPath(unit) }));
  };
  if (units.path.length) below(0, 0);
  return columns;
}

function columnName(column) {
  if (column.all) return "all accounts";
  return column.account !== undefined ? accounts.name[column.account] : units.path[column.unit];
}

function matrixHead(number) {
  const column = matrix.columns[number];
  if (number === 0) return { content: [matrix.by === "sets" ? "Permission set, and who has it" : "Principal, and what it has"], class: "matrix-corner" };
  const of = column.all ? activeAccounts : membersBetween(column.start, column.end);
  const mark = column.open === undefined ? null : el("span", { class: "twist", "data-toggle": "", "aria-hidden": "true" }, column.open ? "▾" : "▸");
  return {
    class: `matrix-head${column.account === undefined ? "" : " is-account"}`,
    expanded: column.open,
    title: columnName(column),
    label: column.account === undefined ? `${columnName(column)}, ${count(of, "account")}` : `account ${columnName(column)}`,
    content: [
      el("span", { class: "head-above" }, column.above),
      el("span", { class: "head-name" }, column.name),
      el("span", { class: "head-count" }, mark, column.account === undefined ? figure(of) : column.account === accounts.management ? "" : inactive.get(column.account)?.toLowerCase() ?? ""),
    ],
  };
}

function matrixCell(row, number) {
  const line = matrix.lines[row];
  if (number === 0) {
    const mark = line.level === 1 ? el("span", { class: "twist", "data-toggle": "", "aria-hidden": "true" }, line.inner ? (line.open ? "▾" : "▸") : " ") : null;
    const isPrivileged = line.set !== null && sets[line.set].privileges.length > 0;
    const flag = isPrivileged && !(line.level === 2 && matrix.by === "sets") ? el("span", { class: "flag", title: privilegeOf(line.set) }, "privileged") : null;
    const isUser = line.level === 2 && matrix.by === "sets" ? users.has(line.principal) : matrix.by !== "sets" && line.level === 1 && users.has(line.principal);
    return {
      class: `matrix-name level-${line.level}`,
      expanded: line.level === 1 && line.inner ? line.open : undefined,
      title: line.name,
      content: [mark, el("span", { class: "name" }, line.name), isUser ? el("span", { class: "flag plain" }, "user") : null, flag,
        line.level === 1 ? el("span", { class: "beside" }, figure(line.inner)) : null],
    };
  }
  const column = matrix.columns[number];
  const single = column.account !== undefined;
  const there = single || column.all ? size(clip(line.ranges, column.start, column.end)) : membersIn(line.ranges, column.start, column.end);
  const of = single ? 1 : column.all ? activeAccounts : membersBetween(column.start, column.end);
  const who = `${line.name} in ${columnName(column)}`;
  if (!there) return { class: "matrix-cell none", label: `${who}: no account`, content: [] };
  const warm = line.set !== null && sets[line.set].privileges.length ? " warm" : "";
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${Math.max(6, (100 * there) / of)}%`;
  return {
    class: `matrix-cell${there === of ? " whole" : ""}${warm}`,
    label: `${who}: ${single ? "yes" : `${there} of ${count(of, "account")}`}`,
    content: [bar, el("span", { class: "number" }, single ? "●" : figure(there))],
  };
}

function matrixView() {
  const bySets = () => matrix.by === "sets";
  const options = () => {
    matrix.lines = matrixLines();
    matrix.columns = matrixColumns();
    return { rows: matrix.lines.length, columns: matrix.columns };
  };
  const grid = new Grid({
    label: "Matrix of permission sets, principals and organizational units", class: "matrix", role: "treegrid",
    headHeight: 72, rowHeight: 30, ...options(),
    head: matrixHead, cell: matrixCell,
    level: (row) => matrix.lines[row].level,
    rowClass: (row) => `level-${matrix.lines[row].level}`,
    toggle(row, column) {
      if (row < 0) {
        const { unit, open } = matrix.columns[column];
        if (open === undefined) return;
        if (open) matrix.units.delete(unit);
        else matrix.units.add(unit);
      } else {
        const { key } = matrix.lines[row];
        if (!key) return;
        if (matrix.open.has(key)) matrix.open.delete(key);
        else matrix.open.add(key);
      }
      update();
    },
    open(row, column, from) {
      const target = matrix.columns[column];
      if (row < 0) {
        if (target.unit !== undefined) show({ kind: "unit", number: target.unit }, from);
        if (target.account !== undefined) show({ kind: "account", number: target.account }, from);
        return;
      }
      const line = matrix.lines[row];
      if (column === 0 || target.all) {
        if (line.pair !== undefined) show({ kind: "pair", number: line.pair }, from);
        else if (line.set !== null) show({ kind: "set", number: line.set }, from);
        else show({ kind: "principal", number: line.principal }, from);
        return;
      }
      const place = target.unit !== undefined ? `u${target.unit}` : `a${target.account}`;
      show({ kind: "cell", number: [line.set ?? "", line.principal ?? "", place].join("-") }, from);
    },
  });
  const shown = el("span", { class: "faint", role: "status" });
  const tell = () => (shown.textContent = count(matrix.lines.length, "row"));
  function update() {
    grid.set(options());
    tell();
  }
  const choice = (value, text) => el("button", {
    type: "button", class: "choice", "aria-pressed": String(matrix.by === value),
    onclick(event) {
      matrix.by = value;
      event.target.parentNode.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button === event.target)));
      grid.at = { row: 0, column: 0 };
      grid.node.scrollTop = 0;
      update();
    },
  }, text);
  const unfold = (opens) => {
    matrix.units = new Set(units.path.map((_, unit) => unit).filter((unit) => unit === 0 || opens(unit)));
    grid.node.scrollLeft = 0;
    grid.at.column = 0;
    update();
  };
  tell();
  return el("section", { class: "view view-matrix", "aria-labelledby": "view-title" },
    el("div", { class: "bar-of-tools" },
      el("h2", { id: "view-title" }, "Matrix"),
      el("div", { class: "choices", role: "group", "aria-label": "Rows" }, choice("sets", "By permission set"), choice("principals", "By principal")),
      el("input", {
        type: "search", class: "filter", placeholder: "Filter rows", "aria-label": "Filter rows", value: matrix.filter,
        oninput(event) { matrix.filter = event.target.value; grid.node.scrollTop = 0; update(); },
      }),
      el("label", { class: "check" }, el("input", { type: "checkbox", checked: matrix.privileged, onchange(event) { matrix.privileged = event.target.checked; update(); } }), "Privileged only"),
      el("div", { class: "choices", role: "group", "aria-label": "Columns" },
        el("button", { type: "button", class: "choice", onclick: () => unfold(() => false) }, "Top OUs"),
        el("button", { type: "button", class: "choice", onclick: () => unfold((unit) => children[unit].length) }, "All OUs"),
        el("button", { type: "button", class: "choice", onclick: () => unfold(() => true) }, "Accounts")),
      shown),
    units.path.length ? grid.node : el("p", { class: "empty" }, "The model has no organization, so nothing is expanded to accounts."),
    el("p", { class: "legend" },
      el("span", { class: "swatch" }), "accounts reached, of those in the unit",
      el("span", { class: "swatch warm" }), "the same, of a privileged permission set",
      el("span", { class: "keys" }, el("kbd", {}, "↑ ↓ ← →"), " move ", el("kbd", {}, "Space"), " unfolds ", el("kbd", {}, "Enter"), " shows details")));
}
