// A grid of which only what is seen is in the document, whatever its size. It takes one place in the order of the Tab key;
// arrows, Home, End and the page keys move a cell in it, Enter opens what stands there, Space unfolds.

let grids = 0;

class Grid {
  /**
   * `columns` are `{ width, name }`, the first of which stays in sight; `rows` is their number. `head(column)` and
   * `cell(row, column)` give `{ content, class, label, expanded, level }`. `open` and `toggle` take row and column; the row
   * of the heads is -1. `flexible` is the column that takes the room that is left.
   */
  constructor(options) {
    this.id = `grid-${(grids += 1)}`;
    this.at = { row: 0, column: 0 };
    this.heads = el("div", { class: "grid-heads", role: "row", "aria-rowindex": 1 });
    this.body = el("div", { class: "grid-body", role: "rowgroup" });
    this.node = el("div", { class: `grid ${options.class ?? ""}`, role: options.role ?? "grid", tabindex: 0, "aria-label": options.label },
      el("div", { role: "rowgroup", class: "grid-top" }, this.heads), this.body);
    this.node.addEventListener("scroll", () => this.soon(), { passive: true });
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("click", (event) => this.click(event));
    // Nothing is drawn anew here: a click would lose the cell it began on.
    this.node.addEventListener("focus", () => this.mark(true));
    this.node.addEventListener("blur", () => this.mark(false));
    this.watch = new ResizeObserver(() => {
      this.lay();
      this.soon();
    });
    this.watch.observe(this.node);
    this.set(options);
  }

  /** Takes other rows, columns or cells. */
  set(options) {
    Object.assign(this, options);
    this.lay();
    this.at.row = Math.min(this.at.row, this.rows - 1);
    this.at.column = Math.min(this.at.column, this.columns.length - 1);
    this.node.setAttribute("aria-rowcount", this.rows + 1);
    this.node.setAttribute("aria-colcount", this.columns.length);
    this.heads.style.height = `${this.headHeight}px`;
    this.body.style.height = `${this.rows * this.rowHeight}px`;
    // No more room than there are rows to fill it, and a bar to scroll by.
    this.node.style.maxHeight = `${this.headHeight + this.rows * this.rowHeight + 20}px`;
    this.render();
  }

  /** Where the columns begin. */
  lay() {
    const needed = this.columns.reduce((sum, { width }) => sum + width, 0);
    const left = Math.max(0, this.node.clientWidth - needed);
    this.widths = this.columns.map(({ width }, column) => width + (column === this.flexible ? left : 0));
    this.lefts = [0];
    for (const width of this.widths) this.lefts.push(this.lefts.at(-1) + width);
    this.heads.style.width = this.body.style.width = `${this.lefts.at(-1)}px`;
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.render();
    });
  }

  render() {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.node;
    const [top, bottom] = [Math.floor(scrollTop / this.rowHeight) - 4, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + 4];
    let first = 1;
    const frozen = this.widths[0];
    while (first < this.columns.length - 1 && this.lefts[first + 1] <= scrollLeft + frozen) first += 1;
    let last = first;
    while (last < this.columns.length - 1 && this.lefts[last + 1] < scrollLeft + clientWidth) last += 1;
    const seen = [0];
    for (let column = first; column <= Math.min(last, this.columns.length - 1); column += 1) seen.push(column);
    const columns = seen.filter((column) => column < this.columns.length);
    this.heads.replaceChildren(...columns.map((column) => this.place(this.head(column), -1, column)));
    const drawn = [];
    for (let row = Math.max(0, top); row < Math.min(this.rows, bottom); row += 1) {
      const line = el("div", { role: "row", class: `grid-row ${this.rowClass?.(row) ?? ""}`, "aria-rowindex": row + 2, "aria-level": this.level?.(row) },
        columns.map((column) => this.place(this.cell(row, column), row, column)));
      line.style.top = `${row * this.rowHeight}px`;
      line.style.height = `${this.rowHeight}px`;
      if (row === this.at.row) line.classList.add("at");
      drawn.push(line);
    }
    this.body.replaceChildren(...drawn);
    const active = `${this.id}-${this.at.row}-${this.at.column}`;
    if (document.getElementById(active)) this.node.setAttribute("aria-activedescendant", active);
    else this.node.removeAttribute("aria-activedescendant");
  }

  /** Shows whether the keys move the cell. */
  mark(on) {
    document.getElementById(`${this.id}-${this.at.row}-${this.at.column}`)?.classList.toggle("active", on);
  }

  place(shown, row, column) {
    const role = row < 0 ? "columnheader" : column === 0 ? "rowheader" : "gridcell";
    const node = el("div", {
      role, id: `${this.id}-${row}-${column}`, class: `grid-cell ${shown.class ?? ""}`, "aria-colindex": column + 1,
      "aria-label": shown.label, "aria-expanded": shown.expanded === undefined ? undefined : String(shown.expanded), title: shown.title,
      "data-row": row, "data-column": column,
    }, shown.content);
    node.style.width = `${this.widths[column]}px`;
    if (column > 0) node.style.left = `${this.lefts[column]}px`;
    if (row === this.at.row && column === this.at.column && document.activeElement === this.node) node.classList.add("active");
    return node;
  }

  click(event) {
    const cell = event.target.closest("[data-row]");
    if (!cell) return;
    this.at = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
    const { row, column } = this.at;
    if (event.target.closest("[data-toggle]")) this.toggle?.(row, column);
    else this.open?.(row, column, this.node);
    this.render();
  }

  key(event) {
    const page = Math.max(1, Math.floor((this.node.clientHeight - this.headHeight) / this.rowHeight) - 1);
    let { row, column } = this.at;
    switch (event.key) {
      case "ArrowDown": row += 1; break;
      case "ArrowUp": row -= 1; break;
      case "ArrowRight": column += 1; break;
      case "ArrowLeft": column -= 1; break;
      case "PageDown": row += page; break;
      case "PageUp": row -= page; break;
      case "Home": if (event.ctrlKey) row = 0; column = 0; break;
      case "End": if (event.ctrlKey) row = this.rows - 1; column = this.columns.length - 1; break;
      case "Enter": this.open?.(row, column, this.node); event.preventDefault(); return;
      case " ": this.toggle?.(row, column); event.preventDefault(); this.render(); return;
      default: return;
    }
    event.preventDefault();
    this.at = { row: Math.max(-1, Math.min(this.rows - 1, row)), column: Math.max(0, Math.min(this.columns.length - 1, column)) };
    this.reveal();
    this.render();
  }

  /** Scrolls the cell into sight. */
  reveal() {
    const { row, column } = this.at;
    const node = this.node;
    if (row >= 0) {
      const [top, room] = [row * this.rowHeight, node.clientHeight - this.headHeight];
      if (top < node.scrollTop) node.scrollTop = top;
      else if (top + this.rowHeight > node.scrollTop + room) node.scrollTop = top + this.rowHeight - room;
    }
    if (column > 0) {
      const [left, right, frozen] = [this.lefts[column], this.lefts[column + 1], this.widths[0]];
      if (left - frozen < node.scrollLeft) node.scrollLeft = left - frozen;
      else if (right > node.scrollLeft + node.clientWidth) node.scrollLeft = right - node.clientWidth;
    }
  }
}
