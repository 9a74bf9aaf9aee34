"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const form = document.querySelector("form.filters");
  const tbody = id("rows");
  const search = id("search");
  const selects = Array.from(form.querySelectorAll("select"), (select) => select.id);
  const boxes = [...form.elements.verdict];
  const order = boxes.map((box) => box.value);
  const collator = new Intl.Collator("en", { numeric: true });
  const headers = [...document.querySelectorAll("th[data-sort]")];
  const columns = headers.map((header) => header.dataset.sort);
  const count = id("count");
  let sorting = { by: "", descending: false };

  // Reading each row once makes filtering independent of the size of the page.
  const findings = Array.from(tbody.rows, (row, index) => {
    const finding = { row, index };
    columns.forEach((column, cell) => {
      finding[column] = row.cells[cell].textContent;
    });
    finding.verdict = row.className;
    return finding;
  });
  let shown = findings;

  // Backticks mark code in the texts, and the page shows code without them.
  const searchable = (text) => text.toLowerCase().replaceAll("`", "");

  // What a search looks at: everything but the evidence. Built with the first search.
  const textOf = (finding) => {
    if (finding.text === undefined) {
      const { row } = finding;
      const details = row.cells[columns.length].firstElementChild;
      const parts = [row.cells[0].textContent, ...columns.slice(1).map((name) => finding[name])];
      parts.push(details.querySelector("summary").textContent);
      for (const part of row.querySelectorAll(".fix pre, .note, .arn, .owner, .drift")) {
        parts.push(part.textContent);
      }
      finding.text = searchable(parts.join("\n"));
    }
    return finding.text;
  };

  const compare = (left, right, by) =>
    by === "verdict"
      ? order.indexOf(left.verdict) - order.indexOf(right.verdict)
      : // An empty value is last in ascending order.
        (left[by] === "") - (right[by] === "") || collator.compare(left[by], right[by]);

  const sort = () => {
    const { by, descending } = sorting;
    const sign = descending ? -1 : 1;
    findings.sort(
      (left, right) => (by && sign * compare(left, right, by)) || left.index - right.index,
    );
    const rows = document.createDocumentFragment();
    for (const { row } of findings) rows.append(row);
    tbody.replaceChildren(rows);
    for (const header of headers) {
      if (header.dataset.sort === by) {
        header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      } else {
        header.removeAttribute("aria-sort");
      }
    }
  };

  const number = (value) => value.toLocaleString("en");

  const show = () => {
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const terms = searchable(search.value).split(/\s+/).filter(Boolean);
    const chosen = selects.filter((name) => id(name).value !== "");
    shown = findings.filter(
      (finding) =>
        (!verdicts.size || verdicts.has(finding.verdict)) &&
        chosen.every((name) => finding[name] === id(name).value) &&
        (!terms.length || terms.every((term) => textOf(finding).includes(term))),
    );
    const matches = new Set(shown);
    for (const finding of findings) {
      const hidden = !matches.has(finding);
      if (finding.row.hidden !== hidden) finding.row.hidden = hidden;
    }
    count.textContent = `Showing ${number(shown.length)} of ${number(findings.length)}`;
    const view = boxes.filter((box) => box.checked).map((box) => box.nextElementSibling.textContent);
    for (const name of chosen) view.push(id(name).value);
    if (search.value.trim()) view.push(`"${search.value.trim()}"`);
    id("view").textContent = view.length ? `Filters: ${view.join(", ")}` : "";
    id("clear").disabled = !view.length;
    id("empty").hidden = shown.length > 0;
  };

  // The view is in the URL, so that it can be linked.
  const remember = () => {
    const view = new URLSearchParams();
    const verdicts = boxes.filter((box) => box.checked).map((box) => box.value);
    if (verdicts.length) view.set("verdict", verdicts.join(","));
    for (const name of selects) if (id(name).value) view.set(name, id(name).value);
    if (search.value.trim()) view.set("search", search.value.trim());
    if (sorting.by) view.set("sort", (sorting.descending ? "-" : "") + sorting.by);
    try {
      history.replaceState(null, "", `#${view.toString() || "findings"}`);
    } catch {
      // A page in a frame without an address can't change it.
    }
  };

  const recall = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return false;
    const view = new URLSearchParams(hash);
    const verdicts = (view.get("verdict") ?? "").split(",");
    for (const box of boxes) box.checked = verdicts.includes(box.value);
    for (const name of selects) {
      const value = view.get(name) ?? "";
      const options = Array.from(id(name).options, (option) => option.value);
      id(name).value = options.includes(value) ? value : "";
    }
    search.value = view.get("search") ?? "";
    const by = view.get("sort") ?? "";
    const name = by.replace(/^-/, "");
    const before = sorting;
    sorting = columns.includes(name)
      ? { by: name, descending: by !== name }
      : { by: "", descending: false };
    if (sorting.by !== before.by || sorting.descending !== before.descending) sort();
    show();
    return true;
  };

  const changed = () => {
    show();
    remember();
  };

  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 150);
  });
  form.addEventListener("change", (event) => {
    if (event.target !== search) changed();
  });
  form.addEventListener("reset", () => {
    // The fields have their first values only after this event.
    setTimeout(() => {
      changed();
      search.focus();
    });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    changed();
  });

  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => {
      const by = header.dataset.sort;
      sorting = { by, descending: sorting.by === by && !sorting.descending };
      sort();
      shown = findings.filter(({ row }) => !row.hidden);
      remember();
    });
    header.replaceChildren(button);
  }

  const expand = id("expand");
  expand.addEventListener("click", () => {
    const open = expand.getAttribute("aria-pressed") === "false";
    expand.setAttribute("aria-pressed", String(open));
    for (const { row } of shown) row.cells[columns.length].firstElementChild.open = open;
  });

  const copy = async (pre) => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      return true;
    } catch {
      // Browsers without that permission copy what is selected.
      getSelection().selectAllChildren(pre);
      return document.execCommand("copy");
    }
  };

  // A copy button is added when its finding is expanded. This event doesn't bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      const pre = target.open ? target.querySelector(":scope > .more > .fix > pre") : null;
      if (!pre || pre.nextElementSibling) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy the fix");
      button.addEventListener("click", async () => {
        const done = await copy(pre);
        button.textContent = done ? "Copied" : "Press Ctrl+C";
        id("copied").textContent = done ? "Copied the fix" : "Selected the fix. Press Ctrl+C.";
        setTimeout(() => {
          button.textContent = "Copy";
          id("copied").textContent = "";
        }, 2000);
      });
      pre.after(button);
    },
    true,
  );

  for (const link of document.querySelectorAll("a[data-show]")) {
    link.href = `#verdict=${link.dataset.show}`;
  }
  for (const link of document.querySelectorAll("a[data-search]")) {
    link.href = `#search=${encodeURIComponent(link.dataset.search)}`;
  }
  const follow = () => {
    if (!recall()) return;
    id("findings").scrollIntoView();
    id("findings").focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);

  // The style expands what is printed. Browsers that can't do that need the attribute.
  if (!CSS.supports("selector(::details-content)")) {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...tbody.querySelectorAll("td > details:not([open])")];
      for (const details of opened) details.open = true;
    });
    addEventListener("afterprint", () => {
      for (const details of opened) details.open = false;
    });
  }

  form.hidden = false;
  follow();
  show();
})();
