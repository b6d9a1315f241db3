// The data, and what can be asked of it. Accounts are numbers in the order of the tree, sets of them are ranges
// `[start, end, …]`, so that a unit with all below it is one range.

const data = JSON.parse(document.getElementById("data").textContent);
const { about, files, units, accounts, principals, policies, rows, pairs, findings, accepted, waves } = data;
const sets = data.permission_sets;

/** Sorted, disjoint ranges of many. */
function union(many) {
  if (many.length === 1) return many[0];
  const all = [];
  for (const ranges of many) for (let i = 0; i < ranges.length; i += 2) all.push([ranges[i], ranges[i + 1]]);
  all.sort((a, b) => a[0] - b[0]);
  const out = [];
  for (const [start, end] of all) {
    if (out.length && start <= out.at(-1)) out[out.length - 1] = Math.max(out.at(-1), end);
    else out.push(start, end);
  }
  return out;
}

/** The part of ranges between two accounts. */
function clip(ranges, start, end) {
  const out = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [Math.max(start, ranges[i]), Math.min(end, ranges[i + 1])];
    if (from < to) out.push(from, to);
  }
  return out;
}

/** The part of ranges that is in others too. */
function intersection(ranges, others) {
  const out = [];
  for (let i = 0; i < others.length; i += 2) out.push(...clip(ranges, others[i], others[i + 1]));
  return out;
}

/** The part of ranges that is not in others. */
function without(ranges, others) {
  const gaps = [];
  let from = 0;
  for (let i = 0; i < others.length; i += 2) {
    if (from < others[i]) gaps.push(from, others[i]);
    from = others[i + 1];
  }
  gaps.push(from, Number.MAX_SAFE_INTEGER);
  return intersection(ranges, gaps);
}

/** How many accounts ranges hold. */
function size(ranges) {
  let sum = 0;
  for (let i = 0; i < ranges.length; i += 2) sum += ranges[i + 1] - ranges[i];
  return sum;
}

/** The accounts of ranges, one by one. */
function* each(ranges) {
  for (let i = 0; i < ranges.length; i += 2) for (let n = ranges[i]; n < ranges[i + 1]; n += 1) yield n;
}

function has(ranges, account) {
  for (let i = 0; i < ranges.length; i += 2) if (ranges[i] <= account && account < ranges[i + 1]) return true;
  return false;
}

// ---- Units and accounts

const users = new Set(principals.users);
const inactive = new Map(accounts.inactive);
const children = units.path.map(() => []);
units.parent.forEach((parent, unit) => parent !== null && children[parent].push(unit));
const direct = units.path.map(() => []);
accounts.unit.forEach((unit, account) => direct[unit].push(account));

// How many accounts before each are members of units: active, and not the management account.
const members = new Uint32Array(accounts.id.length + 1);
for (let n = 0; n < accounts.id.length; n += 1) {
  members[n + 1] = members[n] + (inactive.has(n) || n === accounts.management ? 0 : 1);
}

/** How many members of units stand between two accounts. */
function membersBetween(start, end) {
  return members[end] - members[start];
}

/** How many of them are in ranges. */
function membersIn(ranges, start, end) {
  let sum = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [Math.max(start, ranges[i]), Math.min(end, ranges[i + 1])];
    if (from < to) sum += members[to] - members[from];
  }
  return sum;
}

const activeAccounts = accounts.id.length - inactive.size;

function unitPath(unit) {
  return units.path[unit] || "the whole organization";
}

/** The last name of a unit's path. It may hold a slash itself. */
function unitName(unit) {
  const parent = units.parent[unit];
  const above = parent === null ? "" : units.path[parent];
  return units.path[unit].slice(above ? above.length + 1 : 0) || "root";
}

/**
 * A set of accounts as a few parts: units that are covered whole, units of which some accounts are, single accounts. What
 * is said is true: a unit is only named alone where all its active accounts are in the set.
 */
function cover(ranges) {
  if (!units.path.length) return [];
  const most = 6;
  let parts = [];
  for (let depth = 9; depth >= 0; depth -= 1) {
    parts = [];
    coverBelow(0, ranges, depth, parts);
    if (accounts.management !== null && has(ranges, accounts.management)) parts.push({ account: accounts.management });
    if (parts.length <= most) break;
  }
  return parts;
}

function coverBelow(unit, ranges, depth, parts) {
  const [start, end] = [units.start[unit], units.end[unit]];
  const [there, of] = [membersIn(ranges, start, end), membersBetween(start, end)];
  if (!there) return;
  if (there === of) {
    parts.push({ unit, there, of });
    return;
  }
  const single = there <= 3 ? [...each(clip(ranges, start, end))].filter((n) => n !== accounts.management) : null;
  if (single && (depth === 0 || !children[unit].length)) {
    single.forEach((account) => parts.push({ account }));
    return;
  }
  if (depth === 0 || !children[unit].length) {
    parts.push({ unit, there, of });
    return;
  }
  children[unit].forEach((child) => coverBelow(child, ranges, depth - 1, parts));
  const own = direct[unit].filter((account) => account !== accounts.management && has(ranges, account));
  if (own.length <= 3) own.forEach((account) => parts.push({ account }));
  else parts.push({ unit, there: own.length, of: direct[unit].length, own: true });
}

/** A part of a cover in words. */
function partText(part) {
  if (part.account !== undefined) return accounts.name[part.account];
  if (part.there === part.of && !part.own) return unitPath(part.unit);
  return `${part.there} of ${part.of} ${part.own ? "right in" : "in"} ${unitPath(part.unit)}`;
}

/** A set of accounts in words. */
function whereText(ranges) {
  return cover(ranges).map(partText).join(", ") || "nowhere";
}

// ---- Rows, pairs and what is held until when

const ends = new Map(rows.expires.map(([row, at, text]) => [row, { at, text }]));
const owners = new Map(rows.owner);
const reasons = new Map(rows.reason);
const ended = new Set(rows.ended);
const gave = new Map(rows.gave.map(([row, who, what]) => [row, { who, what }]));

const pairsOfSet = sets.map(() => []);
const pairsOfPrincipal = principals.name.map(() => []);
const pairsOfRow = rows.place.map(() => []);
pairs.principal.forEach((principal, pair) => {
  pairsOfSet[pairs.permission_set[pair]].push(pair);
  pairsOfPrincipal[principal].push(pair);
  pairs.rows[pair].forEach((row) => pairsOfRow[row].push(pair));
});

const pairAccounts = pairs.rows.map((from) => union(from.map((row) => rows.accounts[row])));
const setAccounts = pairsOfSet.map((own) => union(own.map((pair) => pairAccounts[pair])));
const principalAccounts = pairsOfPrincipal.map((own) => union(own.map((pair) => pairAccounts[pair])));

/** What a pair holds, by when it ends: a grant ends with the last of its rows, never if one has no end. */
function holdings(pair) {
  const endless = pairs.rows[pair].filter((row) => !ends.has(row));
  const ending = pairs.rows[pair].filter((row) => ends.has(row)).sort((a, b) => ends.get(b).at - ends.get(a).at);
  const out = [];
  let held = union(endless.map((row) => rows.accounts[row]));
  if (size(held)) out.push({ pair, end: null, accounts: held, rows: endless });
  for (const row of ending) {
    const left = without(rows.accounts[row], held);
    held = union([held, left]);
    if (!size(left)) continue;
    const same = out.find((holding) => holding.end && holding.end.at === ends.get(row).at);
    if (same) {
      same.accounts = union([same.accounts, left]);
      same.rows.push(row);
    } else out.push({ pair, end: ends.get(row), accounts: left, rows: [row] });
  }
  return out;
}

/** Everything that is held: who, what, where, until when. */
const register = pairs.rows.flatMap((_, pair) => holdings(pair));

/** Who answers for a holding: the owners of its rows, else the owner of the permission set. */
function ownerOf(holding) {
  const named = [...new Set(holding.rows.map((row) => owners.get(row)).filter(Boolean))];
  return named.length ? named.join(", ") : sets[pairs.permission_set[holding.pair]].owner;
}

function reasonOf(holding) {
  return [...new Set(holding.rows.map((row) => reasons.get(row)).filter(Boolean))].join("; ");
}

function principalName(principal) {
  return principals.name[principal];
}

function principalKind(principal) {
  return users.has(principal) ? "user" : "group";
}

// ---- What is privileged

const PRIVILEGES = {
  administrator: "administrator",
  "near administrator": "nearly an administrator",
  "identity administrator": "administers IAM",
  escalation: "can lead to more",
  organization: "administers the organization",
};

/** The widest way in which a set is privileged, in words; nothing if it is not. */
function privilegeOf(set) {
  const widest = sets[set].privileges[0];
  if (!widest) return "";
  return sets[set].privileges.some((one) => one.proven) ? PRIVILEGES[widest.class] : `possibly ${PRIVILEGES[widest.class]}`;
}

const privileged = sets.map((_, set) => set).filter((set) => sets[set].privileges.length);

// ---- Policies in accounts

/** What brings a policy to accounts. */
function distributions(policy) {
  return (waves?.policies ?? []).filter((one) => one.policies.includes(policy));
}

/** The customer-managed policies that a set needs in its accounts. */
function needsOf(set) {
  const bodies = [...sets[set].policies, sets[set].boundary];
  return [...new Set(bodies.filter((body) => body && body.policy !== null).map((body) => body.policy))];
}

// ---- Actions

const actionNames = [];
const actionLevels = data.actions.levels.join("");
data.actions.service.forEach((service, at) => {
  for (const name of data.actions.names[at].split(" ")) actionNames.push(`${service}:${name}`);
});
const LEVELS = { r: "read", l: "list", t: "tagging", w: "write", p: "permissions management" };
const VERDICTS = ["not allowed", "allowed", "allowed on some resources", "allowed under conditions", "possibly allowed"];

/** The verdict of one part of a set's reach on an action. */
function verdict(reached, action) {
  let at = 0;
  for (let i = 0; i < reached.runs.length; i += 3) {
    at += reached.runs[i];
    if (action < at) return 0;
    at += reached.runs[i + 1];
    if (action < at) return reached.runs[i + 2];
  }
  return 0;
}

/** How many actions a set may perform with a verdict. */
function actionsBy(set) {
  const by = [0, 0, 0, 0, 0];
  const widest = sets[set].reached.reduce((a, b) => (total(b) > total(a) ? b : a), { runs: [] });
  for (let i = 0; i < widest.runs.length; i += 3) by[widest.runs[i + 2]] += widest.runs[i + 1];
  return by;
}

function total(reached) {
  let sum = 0;
  for (let i = 1; i < reached.runs.length; i += 3) sum += reached.runs[i];
  return sum;
}

/** Whether a pattern of a policy names an action. */
function names(pattern, action) {
  return glob(pattern).test(action);
}

/** A pattern with `*` and `?` as an expression, whatever the capitals. */
function glob(pattern) {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replace(/\?/g, ".")}$`, "is");
}

/** The statements of a body that stand in the model, with the accounts of the variant they belong to. */
function statementsOf(body) {
  if (body.policy === null) return body.statements.map((statement) => ({ statement, accounts: null }));
  const policy = policies[body.policy];
  const own = policy.statements.map((statement) => ({ statement, accounts: null }));
  return own.concat(policy.variants.flatMap(([accounts, list]) => list.map((statement) => ({ statement, accounts }))));
}

function bodyName(body) {
  return body.kind === "inline" ? "inline policy" : body.name;
}

// ---- The text of the model

/** The lines of a place: each its number and its text. */
function linesOf([file, line, , endLine, endColumn]) {
  const last = endColumn === 1 && endLine > line ? endLine - 1 : endLine;
  const { from, text } = files[file];
  let piece = from.length - 1;
  while (piece > 0 && from[piece] > line) piece -= 1;
  const lines = text[piece].split(/\r?\n/);
  return lines.slice(line - from[piece], last - from[piece] + 1).map((content, at) => ({ number: line + at, content }));
}

function placeText([file, line, column]) {
  return `${files[file].path}:${line}:${column}`;
}
