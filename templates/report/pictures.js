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

function shortened(text, most) {
  const chars = [...text];
  return chars.length > most ? `${chars.slice(0, most - 1).join("")}…` : text;
}

/** The three waves from left to right: policies, permission sets that need them, assignments. */
function wavesPicture(planned, rest) {
  const [wide, step, top] = [1120, 44, 46];
  const lines = [...planned, ...(rest.length ? [null] : [])];
  const needs = planned.map((set) => needsOf(set.permission_set));
  // Each policy stands about where the sets that need it stand, so that few lines cross.
  const places = new Map();
  needs.forEach((own, n) => own.forEach((policy) => places.set(policy, [...(places.get(policy) ?? []), n])));
  const middleOf = (list) => list.reduce((sum, n) => sum + n, 0) / list.length;
  const policiesInOrder = [...places].sort((a, b) => middleOf(a[1]) - middleOf(b[1]) || a[0] - b[0]).map(([policy]) => policy);
  const most = Math.max(policiesInOrder.length, lines.length);
  const lift = (n, many) => top + (many > 1 ? (n * (most - 1)) / (many - 1) : (most - 1) / 2) * step;
  const height = top + most * step + 8;
  const amounts = lines.map((set) => (set ? set.assignments : rest.reduce((sum, one) => sum + one.assignments, 0)));
  // What needs no policy may be most of all; it does not make the rest small.
  const widest = Math.max(1, ...planned.map((set) => set.assignments));
  const [leftEnd, midStart, midEnd, right] = [380, 520, 780, 820];
  const boxHeight = step - 8;
  const edges = [];
  const nodes = policiesInOrder.map((policy, n) => {
    const y = lift(n, policiesInOrder.length);
    const brought = distributions(policy);
    const reached = union(brought.map((one) => one.accounts));
    const stackSets = brought.filter((one) => one.stack_set !== null).length;
    const target = policies[policy].external ? "kept in place by others"
      : [count(size(reached), "account"), stackSets && count(stackSets, "StackSet"), whereText(reached)].filter(Boolean).join(" · ");
    places.get(policy).forEach((set) => {
      const [from, to] = [y + boxHeight / 2, lift(set, lines.length) + boxHeight / 2];
      const edge = svg("path", { class: "edge", d: `M${leftEnd} ${from} C${leftEnd + 70} ${from} ${midStart - 70} ${to} ${midStart} ${to}` });
      edge.dataset.ends = `p${policy} s${set}`;
      edges.push(edge);
    });
    return svg("a", { href: addressOf({ kind: "policy", number: policy }), "data-end": `p${policy}`, "aria-label": `${policies[policy].name}: ${target}` },
      svg("title", {}, `${policies[policy].name}: ${target}`),
      svg("rect", { x: 8, y, width: leftEnd - 8, height: boxHeight, rx: 3, class: policies[policy].external ? "node others" : "node" }),
      svg("text", { x: 20, y: y + 15 }, shortened(policies[policy].name, 46)),
      svg("text", { x: 20, y: y + 29, class: "small" }, shortened(target, 56)));
  });
  lines.forEach((set, n) => {
    const y = lift(n, lines.length);
    const middle = y + boxHeight / 2;
    const long = Math.max(2, Math.min(1, amounts[n] / widest) * 150);
    const warm = set && sets[set.permission_set].privileges.length;
    const beside = set ? (set.is_twin ? "twin in the management account" : count(set.principals, "principal")) : "need no policy first";
    const box = [
      svg("rect", { x: midStart, y, width: midEnd - midStart, height: boxHeight, rx: 3, class: "node" }),
      svg("text", { x: midStart + 12, y: y + 15 }, set ? shortened(set.name, 34) : count(rest.length, "permission set")),
      svg("text", { x: midStart + 12, y: y + 29, class: "small" }, beside),
      svg("line", { x1: midEnd, x2: right, y1: middle, y2: middle, class: "edge" }),
      svg("rect", { x: right, y: middle - 7, width: long, height: 14, class: warm ? "amount warm" : "amount" }),
      svg("text", { x: right + long + 8, y: middle + 4 }, count(amounts[n], "assignment")),
    ];
    nodes.push(set ? svg("a", { href: addressOf({ kind: "set", number: set.permission_set }), "data-end": `s${n}`, "aria-label": `${set.name}: ${count(set.assignments, "assignment")}` }, box) : svg("g", {}, box));
  });
  const heading = (x, text) => svg("text", { x, y: 20, class: "heading" }, text);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${height}`, class: "waves", role: "group", "aria-label": "Policies, then permission sets, then assignments" },
    heading(8, "1  Policies, in every account that needs them"), heading(midStart, "2  Permission sets"), heading(right, "3  Assignments"), edges, nodes);
  const light = (event) => {
    const over = event.type === "pointerout" || event.type === "focusout" ? undefined : event.target.closest("[data-end]")?.dataset.end;
    picture.classList.toggle("lit", over !== undefined);
    edges.forEach((edge) => edge.classList.toggle("on", edge.dataset.ends.split(" ").includes(over)));
  };
  ["pointerover", "pointerout", "focusin", "focusout"].forEach((name) => picture.addEventListener(name, light));
  return picture;
}
