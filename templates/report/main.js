// The frame: views and the panel by address, the theme, the keys, and paper.

const VIEWS = {
  overview: ["Overview", overviewView],
  matrix: ["Matrix", matrixView],
  register: ["Who has what", registerView],
  findings: ["Findings", findingsView],
  ends: ["When it ends", endsView],
  deployment: ["Deployment", deploymentView],
  audit: ["For an auditor", auditView],
};

const route = { view: null, address: null };
let opener = null;

const main = el("main", { id: "main", tabindex: -1 });
const panel = el("aside", { id: "panel", "aria-label": "Details", hidden: true });
const sheet = el("div", { id: "paper" });
const tabs = el("nav", { class: "tabs", "aria-label": "Views" }, Object.entries(VIEWS).map(([view, [name]]) => el("a", { href: `#/${view}`, "data-view": view }, name)));

/** Shows a thing in the panel; `from` has the focus again when it is closed. */
function show(thing, from) {
  opener = from ?? document.activeElement;
  location.hash = addressOf(thing);
}

function closePanel() {
  const back = opener;
  opener = null;
  location.hash = `#/${route.view}`;
  if (back?.isConnected) back.focus({ preventScroll: true });
  else main.focus({ preventScroll: true });
}

function go() {
  const [, view, kind, key] = location.hash.split("/");
  const named = view in VIEWS ? view : "overview";
  if (route.view !== named) {
    route.view = named;
    main.replaceChildren(VIEWS[named][1]());
    tabs.querySelectorAll("a").forEach((link) => (link.dataset.view === named ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current")));
    window.scrollTo(0, 0);
  }
  document.title = `${VIEWS[named][0]} – Access to AWS`;
  const thing = kind ? thingAt(kind, decoded(key ?? "")) : null;
  document.body.classList.toggle("with-panel", thing !== null);
  panel.hidden = thing === null;
  if (!thing) {
    panel.replaceChildren();
    return;
  }
  const { what, title, content } = DETAILS[thing.kind](thing.number);
  const heading = el("h2", { tabindex: -1 }, title);
  panel.replaceChildren(
    el("div", { class: "panel-head" }, el("p", { class: "panel-what" }, what), el("button", { type: "button", class: "quiet close", onclick: closePanel }, "Close")),
    heading, el("div", { class: "panel-body" }, content));
  panel.scrollTop = 0;
  heading.focus({ preventScroll: true });
}

function decoded(key) {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function remembered() {
  try {
    return localStorage.getItem("bailiwick-theme");
  } catch {
    return null;
  }
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const themeButton = el("button", {
  type: "button", class: "quiet theme",
  onclick() {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("bailiwick-theme", theme);
    } catch {
      // A page that may not remember it is lit as it is until it is left.
    }
    nameTheme();
  },
});
const nameTheme = () => (themeButton.textContent = isDark() ? "Light theme" : "Dark theme");
if (remembered()) document.documentElement.dataset.theme = remembered();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();

document.getElementById("app").append(
  el("a", { class: "skip", href: "#main", onclick(event) { event.preventDefault(); main.focus(); } }, "Skip to the content"),
  el("header", { class: "top" },
    el("div", { class: "title" }, el("h1", {}, "Access to AWS"), el("p", {}, [about.organization, `as of ${about.as_of.replace("T00:00:00Z", "")}`].filter(Boolean).join(" · "))),
    searchBox(), themeButton),
  tabs,
  el("div", { class: "stage" }, main, panel),
  el("footer", {}, `Written by bailiwick ${about.program} from ${count(files.length, "file")}, sha256 `, el("span", { class: "code" }, about.fingerprint.slice(0, 16)), ". It looks at the access model, not at AWS."),
);
document.body.append(sheet);

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    document.getElementById("search").focus();
    event.preventDefault();
  } else if (event.key === "Escape" && !panel.hidden) closePanel();
});
// A link of the page has the focus again when the panel that it opened is closed.
document.addEventListener("click", (event) => {
  const link = event.target.closest("main a[href^='#/']");
  if (link) opener = link;
});
window.addEventListener("hashchange", go);
window.addEventListener("beforeprint", () => sheet.replaceChildren(...paper()));
window.addEventListener("afterprint", () => sheet.replaceChildren());
go();
