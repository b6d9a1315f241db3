"""Opens the pages of `report` in Chromium, as a person would: clicks, types, searches, prints and looks.

Usage: browse.py CHROMIUM FOLDER SEEN. FOLDER holds the pages `example.html`, `hostile.html` and `large.html` with what they
were made of; pictures of what is seen go to the folder SEEN. Ends with 0 if all of it is as it should be.
"""

import json
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

CHROMIUM, FOLDER, SEEN = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
EXAMPLE = Path(__file__).parents[2] / "examples" / "acme"
VIEWS = ["overview", "matrix", "register", "findings", "ends", "deployment", "audit"]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

expect.set_options(timeout=20_000)


@contextmanager
def opened(browser, name, theme="light", size=DESK):
    """A page that asks for nothing, says nothing and breaks nowhere while it is used."""
    context = browser.new_context(color_scheme=theme, viewport=size)
    page = context.new_page()
    page.set_default_timeout(20_000)
    wrong = []
    address = (FOLDER / f"{name}.html").as_uri()
    page.on("request", lambda request: request.url.split("#")[0] == address or wrong.append(f"asks for {request.url}"))
    page.on("console", lambda message: wrong.append(f"says {message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"breaks: {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"asks: {dialog.message}"), dialog.dismiss()))
    page.goto(address)
    page.locator("main h2").first.wait_for(state="attached")
    yield page
    assert not wrong, f"{name} in {theme}: {wrong}"
    context.close()


def go(page, address):
    page.evaluate("to => { location.hash = `/${to}`; }", address)
    page.wait_for_function("to => location.hash === `#/${to}`", arg=address)


def seen(page, name):
    SEEN.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SEEN / f"{name}.png")


def accessible(page, where):
    """What axe finds; it knows WCAG 2 at AA and good practice."""
    # Rows of a grid are drawn in the frame after the one that makes room for them.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = Axe().run(page).response["violations"]
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary')}" for one in found]
    assert not found, f"axe at {where}: {told}"


def columns(page):
    """The names of the columns of a grid, by number."""
    heads = page.locator("[role=columnheader]")
    return {heads.nth(n).get_attribute("aria-colindex"): heads.nth(n).inner_text().split("\n") for n in range(heads.count())}


def looks(browser):
    """Every view and every kind of detail, light and dark, wide and narrow."""
    # What is narrow or dark has the same parts; a few of them stand for the rest.
    details = ["matrix/set/SecOpsResponder", "matrix/principal/group%3Aaws-secops", "register/pair/3", "matrix/action/s3%3AGetObject",
               "matrix/unit/Workloads%2FNonProd", "matrix/policy/SecOpsResponderActions", "findings/finding/0", "findings/accepted/0", "ends/row/4"]
    grounds = set()
    for theme in ["light", "dark"]:
        for size in [DESK, PHONE]:
            with opened(browser, "example", theme, size) as page:
                few = ["overview", "matrix", details[0]]
                for view in few if size is PHONE else VIEWS + (details if theme == "light" else details[:1]):
                    go(page, view)
                    expect(page.locator("nav [aria-current=page]")).to_have_attribute("data-view", view.split("/")[0])
                    expect(page.locator("#panel")).to_be_visible(visible="/" in view)
                    accessible(page, f"{view}, {theme}, {size['width']} wide")
                    seen(page, f"{view.replace('/', '-').replace('%', '')}-{theme}-{size['width']}")
                    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{view} is too wide"
                grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(grounds) == 2, f"two themes, {grounds}"


def matrix_is_the_grants(browser):
    """The cells say what `grants` says."""
    grants = json.loads((FOLDER / "example.json").read_text())
    accounts = defaultdict(set)
    for grant in grants:
        accounts[grant["permission_set"]].add(grant["account_id"])
        accounts[grant["permission_set"], grant["principal"]].add(grant["account_id"])
    with opened(browser, "example") as page:
        go(page, "matrix")
        grid = page.locator(".grid")
        rows = page.locator(".grid-body [role=row]")
        # They are drawn in the next frame.
        expect(rows).to_have_count(len({grant["permission_set"] for grant in grants}))
        # Every set is unfolded to those who have it.
        grid.focus()
        for _ in range(rows.count()):
            page.keyboard.press("Space")
            while page.locator(".active .twist").count() == 0 or page.locator(".active .twist").inner_text() == "▾":
                before = grid.get_attribute("aria-activedescendant")
                page.keyboard.press("ArrowDown")
                if grid.get_attribute("aria-activedescendant") == before:
                    break
        told = {}
        page.evaluate("() => { const grid = document.querySelector('.grid'); grid.style.maxHeight = 'none'; grid.style.flex = '0 0 3000px'; }")
        expect(page.locator(".grid-body [role=row]")).to_have_count(int(grid.get_attribute("aria-rowcount")) - 1)
        for row in page.locator(".grid-body [role=row]").all():
            name, number = row.locator(".name").inner_text(), int(row.locator("[aria-colindex='2']").inner_text())
            above = name if row.get_attribute("aria-level") == "1" else above
            told[name if name == above else (above, name)] = number
        assert told == {key: len(value) for key, value in accounts.items()}, told


def search_and_keys(browser):
    """Without a mouse: to a permission set, its statement, and back."""
    with opened(browser, "example") as page:
        page.keyboard.press("/")
        box = page.get_by_role("combobox")
        expect(box).to_be_focused()
        page.keyboard.type("secopsresp")
        options = page.get_by_role("option")
        expect(options.first).to_contain_text("SecOpsResponder")
        expect(box).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        accessible(page, "the open search")
        page.keyboard.press("Enter")
        panel = page.get_by_role("complementary", name="Details")
        heading = panel.get_by_role("heading", level=2)
        expect(heading).to_have_text("SecOpsResponder")
        expect(heading).to_be_focused()
        declared = EXAMPLE.joinpath("permission_sets/operations.yaml").read_text().splitlines().index("  SecOpsResponder:") + 1
        expect(panel).to_contain_text(f"permission_sets/operations.yaml:{declared}:3")
        statement = panel.locator("summary", has_text="ReadFindings")
        statement.focus()
        page.keyboard.press("Enter")
        expect(panel.locator("details[open] .excerpt")).to_contain_text('"Sid": "ReadFindings"')
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(box).to_be_focused()

        for sought, title in [("s3:getobject", "s3:GetObject"), ("log-archive", "log-archive"), ("auditor@", "auditor@example.com"), ("workloads/nonprod/sh", "Workloads/NonProd/Shop")]:
            box.fill(sought)
            page.keyboard.press("Enter")
            expect(heading).to_have_text(title)
            page.keyboard.press("Escape")
        box.fill("no such thing anywhere")
        expect(page.locator("#finds")).to_contain_text("Nothing is called so")
        box.fill("iam:PassRole")
        expect(page.locator("#finds")).to_contain_text("No permission set may perform")

        # The matrix takes one stop of the Tab key, and its cells have the arrows.
        go(page, "matrix")
        grid = page.get_by_role("treegrid")
        grid.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        cell = page.locator(f"#{grid.get_attribute('aria-activedescendant')}")
        expect(cell).to_have_attribute("aria-label", "AppDeveloper in Acquired: 1 of 2 accounts")
        page.keyboard.press("Enter")
        expect(heading).to_have_text("AppDeveloper")
        expect(panel).to_contain_text("aws-nordwind-engineers")
        expect(panel).to_contain_text("assignments/teams.yaml:")
        page.keyboard.press("Escape")
        expect(grid).to_be_focused()
        # A unit unfolds from its head.
        before = int(grid.get_attribute("aria-colcount"))
        page.keyboard.press("Control+Home")
        page.keyboard.press("ArrowUp")
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        head = page.locator(f"#{grid.get_attribute('aria-activedescendant')}")
        expect(head).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Space")
        expect(head).to_have_attribute("aria-expanded", "true")
        assert int(grid.get_attribute("aria-colcount")) > before


def mouse(browser):
    """Clicks, filters, the theme, and the way back."""
    with opened(browser, "example") as page:
        page.get_by_role("link", name="Matrix").click()
        page.get_by_role("checkbox", name="Privileged only").check()
        expect(page.locator(".grid-body [role=row]")).to_have_count(3)
        page.get_by_role("checkbox", name="Privileged only").uncheck()
        page.get_by_role("button", name="By principal").click()
        page.get_by_role("searchbox", name="Filter rows").fill("auditor@")
        expect(page.locator(".grid-body [role=row]")).to_have_count(1)
        page.locator(".grid-body .twist").click()
        expect(page.locator(".grid-body [role=row]")).to_have_count(2)
        page.locator(".grid-body [role=row]").nth(1).locator(".number").first.click()
        expect(page.locator("#panel h2")).to_contain_text("ReadOnlyAuditor")
        expect(page.locator("#panel")).to_contain_text("until 2027-01-31")
        page.get_by_role("button", name="Close").click()
        expect(page.locator("#panel")).to_be_hidden()
        page.go_back()
        expect(page.locator("#panel h2")).to_contain_text("ReadOnlyAuditor")
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(ground)
        page.get_by_role("button", name="Dark theme").click()
        assert page.evaluate(ground) != light
        page.reload()
        assert page.evaluate(ground) != light, "the theme is remembered"
        go(page, "register")
        page.get_by_role("combobox", name="Which entries").select_option("users")
        expect(page.locator(".grid-body [role=row]")).to_have_count(1)


def paper(browser):
    """What is printed names everybody and everything."""
    grants = json.loads((FOLDER / "example.json").read_text())
    with opened(browser, "example") as page:
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        text = page.locator("#paper").text_content()
        for word in {grant["principal"] for grant in grants} | {grant["permission_set"] for grant in grants}:
            assert word in text, word
        for word in ["sha256", "2026-12-01T00:00:00Z", "A.5.18", "CC6.3", "secops@example.com", "2027-01-31", "collecting evidence takes a working day"]:
            assert word in text, word
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        expect(page.locator("#paper")).to_be_empty()
        assert len(page.pdf()) > 20_000


def hostile_names_are_names(browser):
    model = json.loads((FOLDER / "hostile/model.yaml").read_text())
    groups = [row["group"] for row in model["assignments"]]
    with opened(browser, "hostile") as page:
        for view in VIEWS:
            go(page, view)
        told = page.evaluate("() => JSON.parse(document.getElementById('data').textContent).principals.name")
        assert sorted(told) == sorted(groups)
        assert page.evaluate("document.scripts.length") == 2
        assert page.locator("img, iframe, object, embed").count() == 0
        for group in groups:
            page.locator("#search").fill(group)
            page.keyboard.press("Enter")
            # A search for a name that is a pattern may find another first.
            address = page.evaluate("name => `/overview/principal/${encodeURIComponent('group:' + name)}`", group)
            page.evaluate("to => { location.hash = to; }", address)
            page.wait_for_function("name => document.querySelector('#panel h2')?.textContent === name", arg=group)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert all(group in page.locator("#paper").text_content() for group in groups)
        assert page.evaluate("document.scripts.length") == 2
        seen(page, "hostile")


def large(browser):
    """2,000 accounts and 47,790 grants: all of it can be reached, little of it is in the document."""
    with opened(browser, "large") as page:
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        go(page, "matrix")
        page.get_by_role("button", name="Accounts", exact=True).click()
        grid = page.get_by_role("treegrid")
        assert int(grid.get_attribute("aria-rowcount")) == 121
        assert int(grid.get_attribute("aria-colcount")) > 1_900
        grid.focus()
        page.keyboard.press("Control+End")
        last = f"{grid.get_attribute('id') or ''}{grid.get_attribute('aria-activedescendant')}"
        expect(page.locator(f"#{last}")).to_be_in_viewport()
        assert page.locator(".grid-cell").count() < 2_000, "only what is seen is in the document"
        accessible(page, "the end of the large matrix")
        seen(page, "large-matrix")
        answer = """sought => {
            const box = document.getElementById("search");
            const begin = performance.now();
            box.value = sought;
            box.dispatchEvent(new Event("input"));
            document.body.getBoundingClientRect();
            return performance.now() - begin;
        }"""
        answers = {sought: page.evaluate(answer, sought) for sought in ["a", "aws-claims", "Workloads/Prod", "s3:get", "iam:*policy*", "0012", "zzzz"]}
        # The picture of both is told, and judged by a person: a machine that has other things to do is slow.
        print(f"large: loaded in {loaded:.0f} ms, the slowest search answered in {max(answers.values()):.1f} ms")
        for view in VIEWS:
            go(page, view)
            seen(page, f"large-{view}")
        box = page.locator("#search")
        box.fill("iam:passrole")
        page.keyboard.press("Enter")
        expect(page.locator("#panel h2")).to_have_text("iam:PassRole")


with sync_playwright() as driver:
    chromium = driver.chromium.launch(executable_path=CHROMIUM)
    for part in [looks, matrix_is_the_grants, search_and_keys, mouse, paper, hostile_names_are_names, large]:
        begin = time.monotonic()
        part(chromium)
        print(f"{part.__name__}: as it should be, {time.monotonic() - begin:.1f} s")
    chromium.close()
