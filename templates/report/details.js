// The panel beside the view: what is known about one thing, down to the lines of the model.

/** The address of a thing, in words where it has some, so that a link outlives a change of the model. */
function addressOf({ kind, number }) {
  const key = { set: () => sets[number].name, principal: () => `${principalKind(number)}:${principals.name[number]}`, account: () => accounts.id[number], unit: () => units.path[number], policy: () => policies[number].name, action: () => actionNames[number] }[kind];
  return `#/${route.view}/${kind}/${encodeURIComponent(key ? key() : number)}`;
}

/** The thing that an address names; nothing if the model has no such thing. */
function thingAt(kind, key) {
  const at = {
    set: () => sets.findIndex((set) => set.name === key),
    principal: () => principals.name.findIndex((name, n) => `${principalKind(n)}:${name}` === key),
    account: () => accounts.id.indexOf(key),
    unit: () => units.path.indexOf(key),
    policy: () => policies.findIndex((policy) => policy.name === key),
    action: () => actionNames.indexOf(key),
    row: () => (rows.place[key] ? Number(key) : -1),
    pair: () => (pairs.rows[key] ? Number(key) : -1),
    finding: () => (findings[key] ? Number(key) : -1),
    accepted: () => (accepted[key] ? Number(key) : -1),
    cell: () => (/^\d*-\d*-[ua]\d+$/.test(key) ? key : -1),
  }[kind];
  const number = at ? at() : -1;
  return number === -1 ? null : { kind, number };
}

/** A link that shows a thing in the panel. */
function to(kind, number, text, props) {
  const names = { set: () => sets[number].name, principal: () => principals.name[number], account: () => accounts.name[number], unit: () => unitPath(number), policy: () => policies[number].name, action: () => actionNames[number] };
  return el("a", { href: addressOf({ kind, number }), ...props }, text ?? names[kind]());
}

function facts(list) {
  return el("dl", { class: "facts" }, list.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
    .map(([term, ...value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

/** A list that shows its beginning, and the rest when asked. */
function some(items, draw, most = 30, props) {
  const list = el("ul", { class: "plain-list", ...props }, items.slice(0, most).map((item) => el("li", {}, draw(item))));
  if (items.length <= most) return list;
  const button = el("button", {
    type: "button", class: "quiet",
    onclick() {
      list.append(...items.slice(most).map((item) => el("li", {}, draw(item))));
      button.remove();
    },
  }, `Show all ${figure(items.length)}`);
  return [list, button];
}

/** A set of accounts as links. */
function where(ranges) {
  const parts = cover(ranges);
  if (!parts.length) return el("span", { class: "faint" }, "nowhere");
  return parts.map((part, at) => [at ? ", " : "", part.account !== undefined ? to("account", part.account) : to("unit", part.unit, partText(part))]);
}

function until(end) {
  return end ? el("span", { class: "end" }, `until ${end.text}`) : el("span", { class: "faint" }, "no end");
}

/** Lines of the model, with what is meant marked. */
function excerpt(place, said) {
  const [, line, column, endLine, endColumn] = place;
  const wide = 400;
  const lines = linesOf(place).map(({ number, content }) => {
    const marked = said !== undefined && number === line && endLine === line;
    const from = marked ? Math.max(0, column - 1 - wide / 4) : 0;
    const chars = [...content];
    const cut = (a, b) => chars.slice(Math.max(a, from), Math.min(b, from + wide)).join("");
    const text = marked
      ? [from ? "…" : "", cut(0, column - 1), el("mark", {}, cut(column - 1, Math.max(column, endColumn - 1))), cut(endColumn - 1, Infinity)]
      : [cut(0, Infinity)];
    return el("span", { class: "line" }, el("span", { class: "line-number", "aria-hidden": "true" }, number), el("span", { class: "line-text" }, text, chars.length > from + wide ? "…" : "", "\n"));
  });
  return el("figure", { class: "excerpt" }, el("figcaption", {}, placeText(place)), el("pre", {}, el("code", {}, lines)), said ? el("p", { class: "said" }, prose(said)) : null);
}

/** Something that opens to lines, which are only made when they are asked for. */
function unfolding(summary, draw) {
  const details = el("details", {}, el("summary", {}, summary));
  details.addEventListener("toggle", () => details.children.length === 1 && details.append(el("div", { class: "unfolded" }, draw())), { once: true });
  return details;
}

function statementLine(statement) {
  const actions = `${statement.not_action ? "all but " : ""}${statement.actions.join(", ")}`;
  return [el("span", { class: statement.allows ? "effect" : "effect deny" }, statement.allows ? "Allow" : "Deny"), " ",
    el("span", { class: "sid" }, statement.sid ?? `statement ${statement.number}`), " ", el("span", { class: "code faint clip" }, actions)];
}

function bodyNode(body, role) {
  const statements = statementsOf(body);
  return [
    el("p", { class: "body-head" }, body.policy !== null ? to("policy", body.policy, body.name) : el("strong", {}, bodyName(body)), " ", el("span", { class: "faint" }, role ?? body.kind)),
    statements.map(({ statement, accounts: only }) => unfolding([statementLine(statement), only ? el("span", { class: "faint" }, ` in ${whereText(only)}`) : null], () => excerpt(statement.place))),
  ];
}

function section(title, ...content) {
  return el("section", {}, el("h3", {}, title), content);
}

/** One holding: what is held, by whom, where, until when, and by which rows. */
function holdingNode(holding, names) {
  const { pair } = holding;
  const [set, principal] = [pairs.permission_set[pair], pairs.principal[pair]];
  const owner = ownerOf(holding);
  return el("div", { class: "holding" },
    el("p", { class: "holding-head" },
      names !== "set" ? to("principal", principal) : to("set", set),
      names === "both" ? [el("span", { class: "faint" }, " has "), to("set", set)] : null,
      users.has(principal) && names !== "set" ? el("span", { class: "flag plain" }, "user") : null,
      names !== "principal" && sets[set].privileges.length ? el("span", { class: "flag", title: privilegeOf(set) }, "privileged") : null),
    el("p", { class: "holding-where" }, where(holding.accounts), el("span", { class: "faint" }, ` · ${count(size(holding.accounts), "account")} · `), until(holding.end)),
    owner || reasonOf(holding) ? el("p", { class: "faint" }, owner ? `Owner ${owner}` : "", owner && reasonOf(holding) ? " · " : "", reasonOf(holding)) : null,
    holding.rows.map((row) => unfolding(el("span", { class: "code" }, placeText(rows.place[row])), () => excerpt(rows.place[row]))));
}

/** The holdings of some pairs, in some accounts or all. */
function held(some, only) {
  const all = some.flatMap(holdings);
  return only ? all.map((holding) => ({ ...holding, accounts: intersection(holding.accounts, only) })).filter((holding) => size(holding.accounts)) : all;
}

const DETAILS = {
  set(number) {
    const set = sets[number];
    const by = actionsBy(number);
    const parts = VERDICTS.map((words, code) => code && by[code] && `${figure(by[code])} ${words}`).filter(Boolean);
    return {
      what: "Permission set", title: set.name,
      content: [
        set.description ? el("p", { class: "lead" }, set.description) : null,
        facts([
          ["Declared", el("span", { class: "code" }, placeText(set.place))],
          ["Session", duration(set.session)],
          ["Owner", set.owner],
          ["Boundary", set.boundary ? (set.boundary.policy !== null ? to("policy", set.boundary.policy, set.boundary.name) : `${set.boundary.name} (${set.boundary.kind})`) : el("span", { class: "faint" }, "none")],
          ["Tags", set.tags.join(", ")],
          ["Actions", parts.join(" · ")],
          ["Accounts", size(setAccounts[number]) ? where(setAccounts[number]) : el("span", { class: "faint" }, "not assigned")],
        ]),
        set.privileges.length ? section("Why it is privileged", set.privileges.map((one) => el("div", { class: "privilege" },
          el("p", {}, "It ", prose(one.sentence), "."), one.proven ? null : el("p", { class: "faint" }, "Possible, not proven."), one.places.map((place) => unfolding(el("span", { class: "code" }, placeText(place)), () => excerpt(place)))))) : null,
        section("Policies", set.policies.map((body) => bodyNode(body)), set.boundary ? bodyNode(set.boundary, "permissions boundary") : null),
        section(`Who has it (${figure(pairsOfSet[number].length)})`, some(held(pairsOfSet[number]), (holding) => holdingNode(holding, "principal"))),
      ],
    };
  },
  principal(number) {
    return {
      what: principalKind(number) === "user" ? "User" : "Group", title: principals.name[number],
      content: [
        facts([["Accounts", count(size(principalAccounts[number]), "account")], ["Where", where(principalAccounts[number])]]),
        section(`What it has (${figure(pairsOfPrincipal[number].length)})`, some(held(pairsOfPrincipal[number]), (holding) => holdingNode(holding, "set"))),
      ],
    };
  },
  account(number) {
    const own = pairs.rows.map((_, pair) => pair).filter((pair) => has(pairAccounts[pair], number));
    const only = [number, number + 1];
    return {
      what: number === accounts.management ? "Management account" : "Account", title: accounts.name[number],
      content: [
        facts([
          ["Id", el("span", { class: "code" }, accounts.id[number])],
          ["Unit", accounts.unit[number] ? to("unit", accounts.unit[number]) : "right below the root"],
          ["Status", inactive.get(number)?.toLowerCase().replace("_", " ")],
          ["Tags", accounts.tags[number].join(", ")],
          ["Production", has(accounts.production, number) ? "yes" : null],
        ]),
        section(`Who reaches it (${figure(own.length)})`, some(held(own, only), (holding) => holdingNode(holding, "both"))),
      ],
    };
  },
  unit(number) {
    const only = [units.start[number], units.end[number]];
    const there = sets.map((_, set) => set).filter((set) => membersIn(setAccounts[set], ...only));
    const of = membersBetween(...only);
    return {
      what: "Organizational unit", title: unitPath(number),
      content: [
        facts([
          ["Id", units.id[number] && el("span", { class: "code" }, units.id[number])],
          ["Accounts", `${count(of, "active account")}`],
          ["Above", units.parent[number] ? to("unit", units.parent[number]) : null],
          ["Below", children[number].length ? children[number].map((child, at) => [at ? ", " : "", to("unit", child, unitName(child))]) : null],
        ]),
        section(`Permission sets there (${figure(there.length)})`, some(there, (set) => [
          to("set", set), el("span", { class: "faint" }, ` · ${figure(membersIn(setAccounts[set], ...only))} of ${count(of, "account")} · ${count(pairsOfSet[set].filter((pair) => membersIn(pairAccounts[pair], ...only)).length, "principal")}`),
          sets[set].privileges.length ? el("span", { class: "flag" }, "privileged") : null])),
        section("Accounts right in it", direct[number].length ? some(direct[number], (account) => [to("account", account), el("span", { class: "code faint" }, ` ${accounts.id[account]}`)]) : el("p", { class: "faint" }, "none")),
      ],
    };
  },
  policy(number) {
    const policy = policies[number];
    const uses = sets.map((_, set) => set).filter((set) => [...sets[set].policies, sets[set].boundary].some((body) => body && body.policy === number));
    const brought = distributions(number);
    return {
      what: "Customer-managed policy", title: policy.name,
      content: [
        facts([
          ["Path", el("span", { class: "code" }, policy.path)],
          ["Declared", el("span", { class: "code" }, placeText(policy.place))],
          ["In place", policy.external ? ["kept by others in ", where(policy.external)] : brought.length ? where(union(brought.map((one) => one.accounts))) : el("span", { class: "faint" }, "needed nowhere")],
        ]),
        section(`Permission sets that name it (${figure(uses.length)})`, uses.length ? some(uses, (set) => [to("set", set), sets[set].boundary?.policy === number ? el("span", { class: "faint" }, " as its boundary") : null]) : el("p", { class: "faint" }, "none")),
        brought.length ? section("Brought by", some(brought, (one) => [el("span", { class: "code" }, one.stack_set ?? "resources of the management account"), el("span", { class: "faint" }, " to "), one.unit !== null ? to("unit", one.unit) : where(one.accounts)], 8)) : null,
        section("Statements", policy.statements.map((statement) => unfolding(statementLine(statement), () => excerpt(statement.place))),
          policy.variants.map(([only, list]) => [el("p", { class: "body-head" }, "In ", where(only)), list.map((statement) => unfolding(statementLine(statement), () => excerpt(statement.place)))])),
      ],
    };
  },
  action(number) {
    const name = actionNames[number];
    const found = sets.flatMap((set, at) => {
      const parts = set.reached.map((reached) => ({ accounts: reached.accounts, verdict: verdict(reached, number) })).filter((part) => part.verdict);
      return parts.length ? [{ set: at, parts, best: Math.min(...parts.map((part) => part.verdict)) }] : [];
    });
    found.sort((a, b) => a.best - b.best);
    const assigned = found.filter(({ set }) => pairsOfSet[set].length);
    const who = new Set(assigned.flatMap(({ set }) => pairsOfSet[set].map((pair) => pairs.principal[pair])));
    const reach = union(assigned.flatMap(({ parts }) => parts.map((part) => part.accounts)));
    return {
      what: "Action", title: name,
      content: [
        facts([["Access level", LEVELS[actionLevels[number]]], ["Principals", count(who.size, "principal")], ["Accounts", where(reach)]]),
        el("p", { class: "faint" }, "Boundaries and service control policies of the model are applied. Which resources, and under which conditions, the statements say."),
        section(`Permission sets (${figure(found.length)})`, some(found, ({ set, parts }) => el("div", { class: "holding" },
          el("p", { class: "holding-head" }, to("set", set), sets[set].privileges.length ? el("span", { class: "flag" }, "privileged") : null, el("span", { class: "faint" }, ` · ${count(pairsOfSet[set].length, "principal")}`)),
          parts.map((part) => el("p", {}, el("span", { class: `verdict v${part.verdict}` }, VERDICTS[part.verdict]), size(part.accounts) ? [" in ", where(part.accounts)] : el("span", { class: "faint" }, " · not assigned"))),
          unfolding("Statements that name it", () => {
            const naming = [...sets[set].policies, sets[set].boundary].filter(Boolean).map((body) => ({ body, statements: statementsOf(body).filter(({ statement }) => statement.actions.some((pattern) => names(pattern, name)) !== statement.not_action) }));
            const shown = naming.filter(({ statements }) => statements.length);
            const others = [...sets[set].policies, sets[set].boundary].filter((body) => body && body.kind === "AWS-managed");
            return [
              shown.map(({ body, statements }) => [el("p", { class: "body-head" }, bodyName(body)), statements.map(({ statement }) => excerpt(statement.place))]),
              others.length ? el("p", { class: "faint" }, `Not shown: the AWS-managed ${others.map((body) => body.name).join(", ")}.`) : null,
            ];
          })))),
      ],
    };
  },
  pair(number) {
    const [set, principal] = [pairs.permission_set[number], pairs.principal[number]];
    return {
      what: "Who has what", title: `${principals.name[principal]} · ${sets[set].name}`,
      content: [
        facts([[principalKind(principal) === "user" ? "User" : "Group", to("principal", principal)], ["Permission set", to("set", set)], ["Privileged", privilegeOf(set)], ["Session", duration(sets[set].session)]]),
        section("Grants", held([number]).map((holding) => holdingNode(holding, "both"))),
        section(`Accounts (${figure(size(pairAccounts[number]))})`, some([...each(pairAccounts[number])], (account) => [to("account", account), el("span", { class: "code faint" }, ` ${accounts.id[account]}`)])),
      ],
    };
  },
  cell(key) {
    const [set, principal, place] = key.split("-");
    const n = Number(place.slice(1));
    const isUnit = place[0] === "u";
    const only = isUnit ? [units.start[n], units.end[n]] : [n, n + 1];
    const own = pairs.rows.map((_, pair) => pair).filter((pair) => (set === "" || pairs.permission_set[pair] === Number(set)) && (principal === "" || pairs.principal[pair] === Number(principal)));
    const list = held(own, only);
    return {
      what: isUnit ? `In ${unitPath(n)}` : `In ${accounts.name[n]}`,
      title: [principal !== "" && principals.name[principal], set !== "" && sets[set]?.name].filter(Boolean).join(" · "),
      content: [
        facts([["Where", isUnit ? to("unit", n) : to("account", n)], ["Permission set", set !== "" && to("set", Number(set))], ["Principal", principal !== "" && to("principal", Number(principal))], ["Accounts", count(size(union(list.map((holding) => holding.accounts))), "account")]]),
        section("Grants", list.length ? some(list, (holding) => holdingNode(holding, "both")) : el("p", { class: "faint" }, "None.")),
      ],
    };
  },
  row(number) {
    const old = gave.get(number);
    return {
      what: ended.has(number) ? "Row that has ended" : "Row", title: placeText(rows.place[number]),
      content: [
        facts([["Owner", owners.get(number)], ["Reason", reasons.get(number)], ["Ends", ends.get(number)?.text], ["Accounts", where(rows.accounts[number])]]),
        excerpt(rows.place[number]),
        old ? section("What it gave", el("p", {}, old.what.map((set, at) => [at ? ", " : "", to("set", set)]), " to ", old.who.map((who, at) => [at ? ", " : "", to("principal", who)])))
          : section("What it gives", some(held(pairsOfRow[number]), (holding) => holdingNode(holding, "both"))),
      ],
    };
  },
  finding(number) {
    return findingDetails(findings[number]);
  },
  accepted(number) {
    const { finding, reason, said } = accepted[number];
    const shown = findingDetails(finding);
    return { ...shown, what: "Accepted finding", content: [el("p", { class: "lead" }, reason), excerpt(said), shown.content] };
  },
};

function findingDetails(finding) {
  const rule = data.rules.find((one) => one.id === finding.rule);
  return {
    what: finding.level, title: finding.rule,
    content: [
      el("p", { class: "lead" }, prose(finding.message)),
      excerpt(finding.place, finding.label),
      finding.related.map((one) => excerpt(one.place, one.message)),
      finding.notes.map((note) => el("p", {}, prose(note))),
      finding.help ? section("What to do", el("p", {}, prose(finding.help))) : null,
      rule ? section("The rule", el("p", {}, prose(rule.summary)), el("p", { class: "faint" }, "More: ", el("code", {}, `bailiwick explain ${rule.id}`))) : null,
    ],
  };
}
