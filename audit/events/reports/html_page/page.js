"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const form = document.querySelector("form.filters");
  const boxes = [...form.elements.outcome];
  const selects = ["pack", "policy"];
  const results = Array.from(id("rows").rows, (row) => ({ row, text: "" }));

  const searchable = (text) => text.toLowerCase().replaceAll("`", "");
  const number = (value) => value.toLocaleString("en");

  const show = () => {
    const outcomes = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const chosen = selects.filter((name) => id(name).value !== "");
    const terms = searchable(id("search").value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const result of results) {
      const { row } = result;
      // A row is read only once a search needs it.
      if (terms.length) result.text ||= searchable(row.textContent);
      row.hidden = !(
        (!outcomes.size || outcomes.has(row.dataset.outcome)) &&
        chosen.every((name) => row.dataset[name] === id(name).value) &&
        terms.every((term) => result.text.includes(term))
      );
      if (!row.hidden) shown += 1;
    }
    id("count").textContent = `Showing ${number(shown)} of ${number(results.length)}`;
    id("clear").disabled = !(outcomes.size || chosen.length || terms.length);
    id("empty").hidden = shown > 0;
  };

  form.addEventListener("input", show);
  // The fields have their first values only after this event.
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("a[data-show]")) {
    link.addEventListener("click", () => {
      for (const box of boxes) box.checked = box.value === link.dataset.show;
      show();
    });
  }
  form.hidden = false;
  show();
})();
