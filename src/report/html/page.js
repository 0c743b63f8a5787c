"use strict";
// Sorting and filtering. Without this script the page is complete.
(() => {
  const words = document.body.dataset;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const element = (name, properties) => Object.assign(document.createElement(name), properties);
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
    heads.forEach((head, column) => {
      const button = element("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const rows = [...body.rows];
        const isNumber = typeof value(rows[0], column) === "number";
        const now = head.getAttribute("aria-sort");
        // The largest number first, the first word first.
        const first = isNumber ? "descending" : "ascending";
        const other = isNumber ? "ascending" : "descending";
        const wanted = now === first ? other : first;
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", wanted);
        const sign = wanted === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const [x, y] = [value(a, column), value(b, column)];
          if (!isNumber) return sign * order.compare(x, y);
          // What is no number stays last.
          if (x < 0 || y < 0) return (x < 0) - (y < 0);
          return sign * (x - y);
        });
        body.append(...rows);
      });
    });
  };

  const filterable = (table, number) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 8) return;
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
    const input = element("input", { type: "search", id: `filter-${number}`, autocomplete: "off" });
    const label = element("label", { htmlFor: input.id, textContent: words.filter });
    const status = element("output", {});
    status.setAttribute("for", input.id);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      rows.forEach((row, at) => { row.hidden = !texts[at].includes(wanted); });
      const shown = rows.filter((row) => !row.hidden).length;
      status.textContent = wanted && filled(words.shown, { shown, all: rows.length });
    });
    label.append(input);
    const line = element("div", { className: "filter" });
    line.append(label, status);
    table.closest(".scroll").before(line);
  };

  document.querySelectorAll("table[data-rows]").forEach((table, number) => {
    if (table.tBodies[0].rows.length < 2) return;
    sortable(table);
    filterable(table, number);
  });

  // Paper cannot be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
})();
