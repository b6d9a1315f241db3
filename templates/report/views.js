// The views: what stands in the middle of the page.

const LEVEL_NAMES = { error: "errors", warning: "warnings", note: "notes" };

function levels() {
  return Object.keys(LEVEL_NAMES).map((level) => ({ level, number: findings.filter((finding) => finding.level === level).length }));
}

/** Grants of privileged permission sets. */
function privilegedGrants() {
  return privileged.reduce((sum, set) => sum + pairsOfSet[set].reduce((all, pair) => all + size(pairAccounts[pair]), 0), 0);
}

function bigFigure(number, what, beside, href) {
  return el("div", { class: "figure" }, el("dt", {}, what), el("dd", {}, href ? el("a", { href }, figure(number)) : figure(number), beside ? el("span", { class: "figure-beside" }, beside) : null));
}

function overviewView() {
    const groups = principals.name.length - users.size;
  const soon = register.filter((holding) => holding.end).sort((a, b) => a.end.at - b.end.at);
  const byRule = new Map();
  findings.forEach((finding) => byRule.set(finding.rule, [...(byRule.get(finding.rule) ?? []), finding]));
  const rules = [...byRule].sort((a, b) => Object.keys(LEVEL_NAMES).indexOf(a[1][0].level) - Object.keys(LEVEL_NAMES).indexOf(b[1][0].level) || b[1].length - a[1].length);
  const direct = [...users].filter((user) => pairsOfPrincipal[user].length);
  return el("section", { class: "view view-overview", "aria-labelledby": "view-title" },
    el("h2", { id: "view-title", class: "unseen" }, "Overview"),
    about.missing_sections.length ? el("p", { class: "notice" }, `This model is not whole: it has no ${about.missing_sections.map((one) => one).join(", no ")}. What follows from the rest is shown.`) : null,
    el("dl", { class: "figures" },
      bigFigure(about.grants, "grants", `in ${count(rows.place.length, "row")}`, "#/register"),
      bigFigure(sets.length, "permission sets", `${figure(privileged.length)} privileged`, "#/matrix"),
      bigFigure(groups, "groups", users.size ? `and ${count(users.size, "user")}` : "and no user"),
      bigFigure(activeAccounts, "active accounts", `in ${count(Math.max(0, units.path.length - 1), "unit")}`),
      bigFigure(findings.length, "findings", levels().filter(({ number }) => number).map(({ level, number }) => `${figure(number)} ${number === 1 ? level : LEVEL_NAMES[level]}`).join(", ") || "nothing found", "#/findings")),
    el("div", { class: "columns" },
      el("section", {}, el("h3", {}, "Privileged"),
        privileged.length ? [
          el("p", { class: "faint" }, `${count(privilegedGrants(), "grant")} of permission sets that, within their boundaries, administer everything or nearly everything, administer IAM, or can lead to more than they hold.`),
          el("table", { class: "table" },
            el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Permission set"), el("th", { scope: "col" }, "What it is"), el("th", { scope: "col", class: "right" }, "Principals"), el("th", { scope: "col", class: "right" }, "Accounts"))),
            el("tbody", {}, [...privileged].sort((a, b) => size(setAccounts[b]) - size(setAccounts[a])).slice(0, 12).map((set) => el("tr", {},
              el("th", { scope: "row" }, to("set", set)), el("td", {}, privilegeOf(set)), el("td", { class: "right" }, figure(pairsOfSet[set].length)), el("td", { class: "right" }, figure(size(setAccounts[set]))))))),
          privileged.length > 12 ? el("p", {}, el("a", { href: "#/matrix" }, `All ${figure(privileged.length)} in the matrix`)) : null,
        ] : el("p", { class: "faint" }, "No permission set administers everything or nearly everything, administers IAM, or can lead to more than it holds."),
        direct.length ? [el("h3", {}, "Users with access of their own"), some(direct, (user) => [to("principal", user), el("span", { class: "faint" }, ` · ${pairsOfPrincipal[user].map((pair) => sets[pairs.permission_set[pair]].name).join(", ")}`)], 8)] : null),
      el("section", {}, el("h3", {}, "Findings"),
        rules.length ? el("table", { class: "table" },
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Rule"), el("th", { scope: "col" }, "Level"), el("th", { scope: "col", class: "right" }, "Findings"))),
          el("tbody", {}, rules.slice(0, 12).map(([rule, list]) => el("tr", {},
            el("th", { scope: "row" }, el("a", { href: "#/findings", onclick: () => { findingFilter.text = rule; } }, rule)),
            el("td", {}, el("span", { class: `level ${list[0].level}` }, list[0].level)), el("td", { class: "right" }, figure(list.length)))))) : el("p", { class: "faint" }, "The rules find nothing."),
        rules.length > 12 ? el("p", {}, el("a", { href: "#/findings" }, `All ${count(rules.length, "rule")}`)) : null,
        accepted.length ? el("p", { class: "faint" }, el("a", { href: "#/findings" }, count(accepted.length, "finding")), ` accepted in the model, each with its reason.`) : null,
        el("h3", {}, "Next to end"),
        soon.length ? some(soon.slice(0, 6), (holding) => [el("span", { class: "end" }, holding.end.text), " ", to("pair", holding.pair, `${principalName(pairs.principal[holding.pair])} · ${sets[pairs.permission_set[holding.pair]].name}`)])
          : el("p", { class: "faint" }, "Nothing ends."))));
}

// ---- Who has what

const registerFilter = { text: "", only: "all" };

function registerView() {
  const text = (holding) => `${principalName(pairs.principal[holding.pair])} ${sets[pairs.permission_set[holding.pair]].name} ${ownerOf(holding) ?? ""} ${reasonOf(holding)}`.toLowerCase();
  const texts = register.map(text);
  const keeps = {
    all: () => true,
    ending: (holding) => holding.end,
    users: (holding) => users.has(pairs.principal[holding.pair]),
    privileged: (holding) => sets[pairs.permission_set[holding.pair]].privileges.length,
    unowned: (holding) => !ownerOf(holding),
  };
  let shown = [];
  const find = () => {
    const sought = registerFilter.text.trim().toLowerCase();
    shown = register.filter((holding, n) => keeps[registerFilter.only](holding) && texts[n].includes(sought));
  };
  const columns = [{ width: 250, name: "Principal" }, { width: 220, name: "Permission set" }, { width: 90, name: "Accounts" }, { width: 330, name: "Where" }, { width: 120, name: "Ends" }, { width: 170, name: "Owner" }, { width: 260, name: "Reason" }];
  find();
  const grid = new Grid({
    label: "Who has what", class: "register", columns, flexible: 3, rows: shown.length, rowHeight: 32, headHeight: 34,
    head: (column) => ({ content: [columns[column].name], class: column === 2 ? "right" : "" }),
    cell(row, column) {
      const holding = shown[row];
      const [set, principal] = [pairs.permission_set[holding.pair], pairs.principal[holding.pair]];
      switch (column) {
        case 0: return { content: [el("span", { class: "name" }, principalName(principal)), users.has(principal) ? el("span", { class: "flag plain" }, "user") : null] };
        case 1: return { content: [el("span", { class: "name" }, sets[set].name), sets[set].privileges.length ? el("span", { class: "flag", title: privilegeOf(set) }, "privileged") : null] };
        case 2: return { content: [figure(size(holding.accounts))], class: "right" };
        case 3: { const words = whereText(holding.accounts); return { content: [el("span", { class: "name" }, words)], title: words }; }
        case 4: return { content: [holding.end ? el("span", { class: "end" }, holding.end.text) : el("span", { class: "faint" }, "no end")] };
        case 5: return { content: [ownerOf(holding) ?? el("span", { class: "faint" }, "not recorded")] };
        default: { const words = reasonOf(holding); return { content: [el("span", { class: "name" }, words)], title: words }; }
      }
    },
    open: (row, column, from) => row >= 0 && show(column === 0 ? { kind: "principal", number: pairs.principal[shown[row].pair] } : column === 1 ? { kind: "set", number: pairs.permission_set[shown[row].pair] } : { kind: "pair", number: shown[row].pair }, from),
  });
  const said = el("span", { class: "faint", role: "status" }, count(shown.length, "entry", "entries"));
  const update = () => {
    find();
    grid.node.scrollTop = 0;
    grid.set({ rows: shown.length });
    said.textContent = count(shown.length, "entry", "entries");
  };
  return el("section", { class: "view view-register", "aria-labelledby": "view-title" },
    el("div", { class: "bar-of-tools" }, el("h2", { id: "view-title" }, "Who has what"),
      el("input", { type: "search", class: "filter", placeholder: "Filter", "aria-label": "Filter entries", value: registerFilter.text, oninput(event) { registerFilter.text = event.target.value; update(); } }),
      el("select", { "aria-label": "Which entries", onchange(event) { registerFilter.only = event.target.value; update(); } },
        [["all", "All entries"], ["privileged", "Privileged"], ["ending", "With an end"], ["users", "Of users"], ["unowned", "Without an owner"]].map(([value, words]) => el("option", { value, selected: registerFilter.only === value }, words))),
      said),
    grid.node);
}

// ---- Findings

const findingFilter = { text: "", level: "all" };

function findingsView() {
  const all = findings.map((finding, number) => ({ kind: "finding", number, finding })).concat(accepted.map((one, number) => ({ kind: "accepted", number, finding: one.finding, reason: one.reason })));
  const weight = ({ kind, finding }) => (kind === "accepted" ? 9 : Object.keys(LEVEL_NAMES).indexOf(finding.level));
  all.sort((a, b) => weight(a) - weight(b));
  const texts = all.map(({ finding, reason }) => `${finding.rule} ${finding.message} ${files[finding.place[0]].path} ${reason ?? ""}`.toLowerCase());
  let shown = [];
  const find = () => {
    const sought = findingFilter.text.trim().toLowerCase();
    shown = all.filter((one, n) => (findingFilter.level === "all" ? true : findingFilter.level === "accepted" ? one.kind === "accepted" : one.kind === "finding" && one.finding.level === findingFilter.level) && texts[n].includes(sought));
  };
  const columns = [{ width: 96, name: "Level" }, { width: 230, name: "Rule" }, { width: 430, name: "Finding" }, { width: 270, name: "Place" }];
  find();
  const grid = new Grid({
    label: "Findings", class: "register", columns, flexible: 2, rows: shown.length, rowHeight: 32, headHeight: 34,
    head: (column) => ({ content: [columns[column].name] }),
    cell(row, column) {
      const { kind, finding, reason } = shown[row];
      switch (column) {
        case 0: return { content: [el("span", { class: `level ${kind === "accepted" ? "accepted" : finding.level}` }, kind === "accepted" ? "accepted" : finding.level)] };
        case 1: return { content: [el("span", { class: "name" }, finding.rule)] };
        case 2: { const words = reason ? `${finding.message}: ${reason}` : finding.message; return { content: [el("span", { class: "name" }, prose(words))], title: words }; }
        default: return { content: [el("span", { class: "name code" }, placeText(finding.place))] };
      }
    },
    open: (row, column, from) => row >= 0 && show({ kind: shown[row].kind, number: shown[row].number }, from),
  });
  const said = el("span", { class: "faint", role: "status" }, count(shown.length, "finding"));
  const update = () => {
    find();
    grid.node.scrollTop = 0;
    grid.set({ rows: shown.length });
    said.textContent = count(shown.length, "finding");
  };
  const options = [["all", "All levels"], ...levels().filter(({ number }) => number).map(({ level, number }) => [level, `${LEVEL_NAMES[level]} (${figure(number)})`]), ...(accepted.length ? [["accepted", `accepted (${figure(accepted.length)})`]] : [])];
  return el("section", { class: "view view-findings", "aria-labelledby": "view-title" },
    el("div", { class: "bar-of-tools" }, el("h2", { id: "view-title" }, "Findings"),
      el("input", { type: "search", class: "filter", placeholder: "Filter by rule, text or file", "aria-label": "Filter findings", value: findingFilter.text, oninput(event) { findingFilter.text = event.target.value; update(); } }),
      el("select", { "aria-label": "Level", onchange(event) { findingFilter.level = event.target.value; update(); } }, options.map(([value, words]) => el("option", { value, selected: findingFilter.level === value }, words))),
      said),
    all.length ? grid.node : el("p", { class: "empty" }, "The rules find nothing in this model, and nothing is suppressed."));
}

// ---- When it ends

function endsView() {
  const all = endings();
  const columns = [{ width: 190, name: "Ends" }, { width: 380, name: "Who has what" }, { width: 100, name: "Accounts" }, { width: 190, name: "Owner" }, { width: 360, name: "Reason" }];
  const grid = all.length ? new Grid({
    label: "Rows that end", class: "register", columns, flexible: 4, rows: all.length, rowHeight: 32, headHeight: 34,
    head: (column) => ({ content: [columns[column].name], class: column === 2 ? "right" : "" }),
    cell(row, column) {
      const one = all[row];
      switch (column) {
        case 0: return { content: [el("span", { class: ended.has(one.row) ? "faint" : "end" }, one.text), ended.has(one.row) ? el("span", { class: "flag plain" }, "ended") : null] };
        case 1: return { content: [el("span", { class: "name" }, rowText(one.row))], title: rowText(one.row) };
        case 2: return { content: [ended.has(one.row) ? el("span", { class: "faint" }, "none") : figure(size(rows.accounts[one.row]))], class: "right" };
        case 3: return { content: [owners.get(one.row) ?? el("span", { class: "faint" }, "not recorded")] };
        default: return { content: [el("span", { class: "name" }, reasons.get(one.row) ?? "")], title: reasons.get(one.row) };
      }
    },
    open: (row, column, from) => row >= 0 && show({ kind: "row", number: all[row].row }, from),
  }) : null;
  const endless = register.filter((holding) => !holding.end).length;
  return el("section", { class: "view view-ends", "aria-labelledby": "view-title" },
    el("h2", { id: "view-title" }, "When it ends"),
    el("p", { class: "faint" }, `${count(all.length, "row")} of ${figure(rows.place.length)} ${all.length === 1 ? "ends" : "end"}${ended.size ? `; ${count(ended.size, "row")} ended before ${day(about.as_of_seconds)}, give nothing and can be removed` : ""}. ${count(endless, "entry", "entries")} of who has what ${endless === 1 ? "has" : "have"} no end: who is a member of a group is reviewed in the identity provider.`),
    all.length ? [el("div", { class: "picture" }, timeline(all)), grid.node] : el("p", { class: "empty" }, "No row of this model ends."));
}

// ---- Deployment

const wavesShown = { all: false };

function deploymentView() {
  const title = el("h2", { id: "view-title" }, "Deployment");
  if (!waves) return el("section", { class: "view", "aria-labelledby": "view-title" }, title, el("p", { class: "empty" }, "The model has no organization, so nothing can be planned."));
  const needing = waves.permission_sets.filter((set) => set.needs.length).sort((a, b) => b.assignments - a.assignments);
  const rest = waves.permission_sets.filter((set) => !set.needs.length);
  const most = 24;
  const stackSets = waves.policies.filter((one) => one.stack_set !== null).length;
  const picture = el("div", { class: "picture" });
  const draw = () => picture.replaceChildren(wavesPicture(wavesShown.all ? needing : needing.slice(0, most), rest));
  draw();
  const more = needing.length > most ? el("button", { type: "button", class: "quiet", onclick(event) { wavesShown.all = !wavesShown.all; event.target.textContent = words(); draw(); } }, "") : null;
  const words = () => (wavesShown.all ? `Show the ${most} with most assignments` : `Show all ${count(needing.length, "permission set")} that need policies`);
  if (more) more.textContent = words();
  return el("section", { class: "view view-deployment", "aria-labelledby": "view-title" },
    el("div", { class: "bar-of-tools" }, title, more),
    el("p", { class: "faint" }, `${count(stackSets, "StackSet")} ${stackSets === 1 ? "brings" : "bring"} customer-managed policies to ${count(size(union(waves.policies.map((one) => one.accounts))), "account")}; accounts that join a unit receive them too. Then ${count(waves.permission_sets.length, "permission set")} ${waves.permission_sets.length === 1 ? "is" : "are"} created, and then ${count(waves.permission_sets.reduce((sum, set) => sum + set.assignments, 0), "assignment")}. A policy has to be in an account before a permission set that names it is provisioned there; on removal the order is the other way about.`),
    picture);
}

// ---- For an auditor

const CONTROLS = [
  ["SOC 2 CC6.1, ISO/IEC 27001:2022 A.5.15", "Access is restricted by rule", "Permission sets by job function, assigned to groups in organizational units; the matrix is the rule and what is deployed is generated from it."],
  ["SOC 2 CC6.2, ISO/IEC 27001:2022 A.5.16", "Who has access is known", "Every principal that the model grants something, groups and users apart. Who is a member of a group is kept in the identity provider and is not in this page."],
  ["SOC 2 CC6.3, ISO/IEC 27001:2022 A.5.18", "Access is authorized, owned, and ends", "Owner, reason and end of each entry where they are recorded; the row of the model that grants it, with file and line, is where its approval is found in version control."],
  ["SOC 2 CC6.3, ISO/IEC 27001:2022 A.8.2", "Privileged access is known and limited", "Which permission sets are privileged, by which statements, within which boundary, for how long a session, and who has them where."],
  ["ISO/IEC 27001:2022 A.5.17", "Authentication", "Not in the model: passwords, multi-factor authentication and the life of credentials belong to the identity provider."],
];

function summaryFacts() {
  return facts([
    ["Organization", about.organization ? el("span", { class: "code" }, about.organization) : null],
    ["Identity Center", about.instance ? el("span", { class: "code" }, [about.instance, about.region].filter(Boolean).join(", ")) : null],
    ["Administered by", about.delegated_admin !== null ? `${accounts.name[about.delegated_admin]} (delegated)` : "the management account"],
    ["As of", about.as_of],
    ["Grants", `${figure(about.grants)} in ${count(register.length, "entry", "entries")}`],
    ["Privileged", `${count(privileged.length, "permission set")}, ${count(privilegedGrants(), "grant")}`],
    ["Of users", count(register.filter((holding) => users.has(pairs.principal[holding.pair])).length, "entry", "entries")],
    ["With an end", count(register.filter((holding) => holding.end).length, "entry", "entries")],
    ["Without an owner", count(register.filter((holding) => !ownerOf(holding)).length, "entry", "entries")],
    ["Findings", [...levels().map(({ level, number }) => count(number, level)), `${figure(accepted.length)} accepted`].join(", ")],
    ["Model", el("span", { class: "code" }, `sha256 ${about.fingerprint}`)],
    ["Looked at by", `bailiwick ${about.program}, with the actions of AWS of ${about.actions_as_of} and its managed policies of ${about.managed_policies_as_of}`],
  ]);
}

function controlsTable() {
  return el("table", { class: "table controls" }, el("caption", { class: "unseen" }, "Controls"),
    el("thead", {}, el("tr", {}, ["Control", "What is asked", "What is shown here"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, CONTROLS.map(([control, asked, shown]) => el("tr", {}, el("th", { scope: "row" }, control), el("td", {}, asked), el("td", {}, shown)))));
}

function filesTable() {
  return el("table", { class: "table files" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "File"), el("th", { scope: "col" }, "SHA-256"))),
    el("tbody", {}, files.map((file) => el("tr", {}, el("td", { class: "code" }, file.path), el("td", { class: "code" }, file.sha256)))));
}

const LIMITS = "This page says what the access model grants as of the time above, computed from its files alone. It does not look at AWS: what is deployed is the same once the output of this model is deployed and nothing is changed by hand. Access that does not go through IAM Identity Center (IAM users, roles trusted by others, root users) is not part of it.";

function auditView() {
  return el("section", { class: "view view-audit prose", "aria-labelledby": "view-title" },
    el("div", { class: "bar-of-tools" }, el("h2", { id: "view-title" }, "For an auditor"), el("button", { type: "button", class: "strong", onclick: () => window.print() }, "Print the summary")),
    el("p", {}, "Printed, this page is a summary on paper: what was looked at, who has what, who owns it and when it ends, what is privileged, and what the rules find."),
    summaryFacts(),
    el("p", {}, LIMITS),
    el("h3", {}, "Controls"), controlsTable(),
    el("h3", {}, `Files (${figure(files.length)})`),
    el("p", { class: "faint" }, "The fingerprint of the model is the SHA-256 of what sha256sum prints about these files, in this order. A byte order mark at the beginning of a file does not count."),
    unfolding("Show the files", filesTable));
}

/** The summary on paper, made when somebody prints. */
function paper() {
  const table = (heads, lines, props) => el("table", { class: "table", ...props }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, lines.map((line) => el("tr", {}, line.map((cell) => el("td", { class: typeof cell === "string" && /[^\s/]{28}/.test(cell) ? "long" : null }, cell))))));
  const part = (title, ...content) => el("section", {}, el("h2", {}, title), content);
  const line = (holding) => [principalName(pairs.principal[holding.pair]) + (users.has(pairs.principal[holding.pair]) ? " (user)" : ""), sets[pairs.permission_set[holding.pair]].name, `${whereText(holding.accounts)} (${figure(size(holding.accounts))})`, holding.end ? holding.end.text : "no end", ownerOf(holding) ?? "not recorded", [reasonOf(holding), holding.rows.map((row) => el("div", { class: "code" }, placeText(rows.place[row])))]];
  return [
    el("h1", {}, "Access to AWS"),
    summaryFacts(),
    el("p", {}, LIMITS),
    part("Controls", controlsTable()),
    part("Privileged permission sets", privileged.length ? table(["Permission set", "What it is", "Boundary", "Session", "Principals", "Where"], privileged.map((set) => [sets[set].name, privilegeOf(set), sets[set].boundary?.name ?? "none", duration(sets[set].session), figure(pairsOfSet[set].length), whereText(setAccounts[set])])) : el("p", {}, "None.")),
    part("Who has what", table(["Principal", "Permission set", "Where (accounts)", "Ends", "Owner", "Reason, and the row"], register.map(line))),
    part("Findings", findings.length ? table(["Level", "Rule", "Finding", "Place"], findings.map((finding) => [finding.level, finding.rule, prose(finding.message), el("span", { class: "code" }, placeText(finding.place))])) : el("p", {}, "None.")),
    part("Accepted findings", accepted.length ? table(["Rule", "Finding", "Reason", "Place"], accepted.map(({ finding, reason, said }) => [finding.rule, prose(finding.message), reason, el("span", { class: "code" }, placeText(said))])) : el("p", {}, "None.")),
    part("Files", filesTable()),
  ];
}
