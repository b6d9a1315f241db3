// Drawings: when access ends, and in which order it is deployed. Whatever they say stands in a table or a list as well.

const DAY = 86400;

/** The rows that end, the first first. */
function endings() {
  return [...ends].map(([row, end]) => ({ row, ...end })).sort((a, b) => a.at - b.at || a.row - b.row);
}

/** Who a row gives what, in words. */
function rowText(row) {
  const old = gave.get(row);
  const who = old ? old.who : [...new Set(pairsOfRow[row].map((pair) => pairs.principal[pair]))];
  const what = old ? old.what : [...new Set(pairsOfRow[row].map((pair) => pairs.permission_set[pair]))];
  const named = (list, name) => (list.length > 2 ? `${name(list[0])} and ${list.length - 1} more` : list.map(name).join(", "));
  return `${named(who, principalName)} · ${named(what, (set) => sets[set].name)}`;
}

/** The ends of rows on an axis: a lane for each where there are few, else as a heap over each week. */
function timeline(all) {
  const [wide, left, right] = [960, 20, 20];
  const now = about.as_of_seconds;
  const first = Math.min(now, ...all.map((one) => one.at));
  const last = Math.max(now + 90 * DAY, ...all.map((one) => one.at));
  const from = first - (last - first) * 0.03;
  const to = last + (last - first) * 0.03;
  const x = (at) => left + ((at - from) / (to - from)) * (wide - left - right);
  const few = all.length <= 30;
  const marks = [];
  let height;
  if (few) {
    height = 56 + all.length * 26;
    all.forEach((one, n) => {
      const y = 44 + n * 26;
      const gone = one.at <= now;
      const [a, b] = [x(Math.min(now, one.at)), x(Math.max(now, one.at))];
      const flip = b > wide * 0.55;
      marks.push(svg("a", { href: addressOf({ kind: "row", number: one.row }), class: gone ? "lane gone" : "lane" },
        svg("rect", { x: 0, y: y - 12, width: wide, height: 25, class: "hit" }),
        svg("line", { x1: a, x2: b, y1: y, y2: y, class: "span" }),
        svg("circle", { cx: x(one.at), cy: y, r: 5 }),
        svg("text", { x: flip ? b - 12 : b + 12, y: y + (flip ? -5 : 4), "text-anchor": flip ? "end" : "start" }, `${rowText(one.row)} · ${one.text}`)));
    });
  } else {
    const week = 7 * DAY;
    const weeks = new Map();
    all.forEach((one) => {
      const at = Math.floor(one.at / week);
      weeks.set(at, [...(weeks.get(at) ?? []), one]);
    });
    const most = Math.max(...[...weeks.values()].map((list) => list.length));
    height = 230;
    const unit = Math.min(14, 160 / most);
    const wideOf = Math.max(3, x(from + week) - x(from) - 2);
    weeks.forEach((list, at) => {
      const gone = (at + 1) * week <= now;
      marks.push(svg("g", { class: gone ? "heap gone" : "heap" },
        svg("title", {}, `week of ${day(at * week)}: ${count(list.length, "row")}`),
        svg("rect", { x: x(at * week), y: height - 26 - list.length * unit, width: wideOf, height: list.length * unit, rx: 1 }),
        svg("text", { x: x(at * week) + wideOf / 2, y: height - 31 - list.length * unit, "text-anchor": "middle" }, list.length)));
    });
  }
  const ticks = [];
  const start = new Date(from * 1000);
  const step = to - from > 800 * DAY ? 6 : to - from > 420 * DAY ? 3 : 1;
  for (let month = 0; ; month += 1) {
    const at = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1 + month, 1) / 1000;
    if (at > to) break;
    if (new Date(at * 1000).getUTCMonth() % step) continue;
    ticks.push(svg("line", { x1: x(at), x2: x(at), y1: 22, y2: height - 24, class: "tick" }), svg("text", { x: x(at), y: height - 8, "text-anchor": "middle", class: "axis" }, day(at).slice(0, 7)));
  }
  return svg("svg", { viewBox: `0 0 ${wide} ${height}`, class: "timeline", role: "group", "aria-label": `Timeline of ${count(all.length, "row")} that end` },
    ticks,
    svg("rect", { x: x(now), y: 22, width: Math.max(0, x(now + 90 * DAY) - x(now)), height: height - 46, class: "horizon" }),
    svg("text", { x: x(now + 90 * DAY) - 4, y: 16, "text-anchor": "end", class: "axis" }, "90 days"),
    svg("line", { x1: x(now), x2: x(now), y1: 22, y2: height - 24, class: "now" }),
    svg("text", { x: x(now), y: 16, "text-anchor": "middle", class: "axis strong" }, day(now)),
    marks);
}

function distributionText(one) {
  const bodies = one.policies.length > 2 ? `${one.policies[0]} and ${one.policies.length - 1} more` : one.policies.join(", ");
  const target = one.unit !== null ? `${unitPath(one.unit)}, ${count(size(one.accounts), "account")}` : one.stack_set === null ? "management account" : whereText(one.accounts);
  return [bodies, target];
}

function shortened(text, most) {
  const chars = [...text];
  return chars.length > most ? `${chars.slice(0, most - 1).join("")}…` : text;
}

/** The three waves from left to right: policies by what brings them, permission sets that need them, assignments. */
function wavesPicture(planned, rest) {
  const needed = [...new Set(planned.flatMap((set) => set.needs))].sort((a, b) => a - b);
  const [wide, row, top] = [1120, 44, 46];
  const lines = [...planned, ...(rest.length ? [null] : [])];
  const height = top + Math.max(needed.length, lines.length) * row + 8;
  const lift = (n, many) => top + ((Math.max(needed.length, lines.length) - many) * row) / 2 + n * row;
  const most = Math.max(1, ...planned.map((set) => set.assignments), rest.reduce((sum, set) => sum + set.assignments, 0));
  const at = new Map(needed.map((one, n) => [one, lift(n, needed.length)]));
  const edges = [];
  const nodes = [];
  const [leftEnd, midStart, midEnd, right] = [360, 500, 760, 800];
  lines.forEach((set, n) => {
    const y = lift(n, lines.length);
    const middle = y + row / 2 - 4;
    const assignments = set ? set.assignments : rest.reduce((sum, one) => sum + one.assignments, 0);
    const long = Math.max(2, (assignments / most) * 150);
    const own = set ? set.needs.map((need) => {
      const from = at.get(need) + row / 2 - 4;
      return svg("path", { class: "edge", d: `M${leftEnd} ${from} C${leftEnd + 70} ${from} ${midStart - 70} ${middle} ${midStart} ${middle}` });
    }) : [];
    const box = [
      svg("rect", { x: midStart, y, width: midEnd - midStart, height: row - 8, rx: 3, class: "node" }),
      svg("text", { x: midStart + 12, y: y + 16 }, set ? shortened(set.name, 34) : `${count(rest.length, "permission set")}`),
      svg("text", { x: midStart + 12, y: y + 30, class: "small" }, set ? (set.is_twin ? "twin, in the management account" : `${count(set.principals, "principal")}`) : "need no policy first"),
      svg("line", { x1: midEnd, x2: right, y1: middle, y2: middle, class: "edge" }),
      svg("rect", { x: right, y: middle - 7, width: long, height: 14, class: set && sets[set.permission_set].privileges.length ? "amount warm" : "amount" }),
      svg("text", { x: right + long + 8, y: middle + 4 }, count(assignments, "assignment")),
    ];
    edges.push(...own.map((edge) => { edge.dataset.set = n; return edge; }));
    nodes.push(set ? svg("a", { href: addressOf({ kind: "set", number: set.permission_set }), "data-set": n, "aria-label": `${set.name}: ${count(set.assignments, "assignment")}` }, box) : svg("g", {}, box));
  });
  needed.forEach((one) => {
    const [bodies, target] = distributionText(waves.policies[one]);
    const y = at.get(one);
    nodes.push(svg("g", {},
      svg("title", {}, `${waves.policies[one].stack_set ?? "management account"}: ${waves.policies[one].policies.join(", ")}`),
      svg("rect", { x: 8, y, width: leftEnd - 8, height: row - 8, rx: 3, class: "node" }),
      svg("text", { x: 20, y: y + 16 }, shortened(bodies, 46)),
      svg("text", { x: 20, y: y + 30, class: "small" }, shortened(target, 54))));
  });
  const heading = (x, text) => svg("text", { x, y: 20, class: "heading" }, text);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${height}`, class: "waves", role: "group", "aria-label": "Policies, then permission sets, then assignments" },
    heading(8, "1  Policies, in every account that needs them"), heading(midStart, "2  Permission sets"), heading(right, "3  Assignments"), edges, nodes);
  const light = (event) => {
    const over = event.type === "pointerout" || event.type === "focusout" ? undefined : event.target.closest("[data-set]")?.dataset.set;
    picture.classList.toggle("lit", over !== undefined);
    picture.querySelectorAll(".edge[data-set]").forEach((edge) => edge.classList.toggle("on", edge.dataset.set === over));
  };
  ["pointerover", "pointerout", "focusin", "focusout"].forEach((name) => picture.addEventListener(name, light));
  return picture;
}
