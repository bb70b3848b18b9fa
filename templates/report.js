"use strict";
(() => {
  const page = JSON.parse(document.getElementById("report-data").textContent);
  const panel = document.getElementById("report-descent");
  const status = document.getElementById("report-status");
  let origin = null;

  const element = (name, text, children = []) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };
  const known = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

  // The steps from which a value descends, nearest first, and the files at the end.
  function descent(first) {
    const steps = [];
    const files = [];
    const seen = new Set([first]);
    const waiting = [first];
    while (waiting.length > 0) {
      const name = waiting.shift();
      const step = known(page.steps, name);
      if (step === undefined) {
        files.push(name.replace(/^file /, ""));
        continue;
      }
      steps.push([name, step]);
      for (const input of step.inputs) {
        if (!seen.has(input)) {
          seen.add(input);
          waiting.push(input);
        }
      }
    }
    return { steps, files };
  }

  function fact(list, term, description) {
    if (description === undefined || description === null || description === "") return;
    list.append(element("div", "", [element("dt", term), element("dd", "", [description])]));
  }

  // Where the study declares a name: a link to its lines, if the page holds the study.
  function declared(name) {
    const lines = page.statements && known(page.statements, name);
    if (!lines) return null;
    const [first, last] = lines;
    const link = element("a", first === last ? `line ${first}` : `lines ${first} to ${last}`);
    link.href = `#study-${first}`;
    link.addEventListener("click", () => mark(first, last));
    return link;
  }

  function mark(first, last) {
    for (const line of document.querySelectorAll(".source .marked")) line.classList.remove("marked");
    for (let number = first; number <= last; number += 1) document.getElementById(`study-${number}`)?.classList.add("marked");
  }

  // Parameters as JSON, folded: some are long.
  function parameters(value) {
    if (value === null || value === undefined || Object.keys(value).length === 0) return null;
    const text = element("pre", JSON.stringify(value, null, 1));
    return element("details", "", [element("summary", "of the step"), text]);
  }

  function fill(shown) {
    const id = shown.dataset.id;
    const value = known(page.values, id) ?? {};
    const full = shown.getAttribute("value") ?? shown.dataset.value;
    const step = shown.dataset.step;

    const title = element("h2", "", [element("code", id)]);
    title.id = "report-descent-title";
    title.tabIndex = -1;
    const close = element("button", "Close");
    close.type = "button";
    close.addEventListener("click", leave);
    const unit = value.unit ? ` ${value.unit}` : "";
    const number = element("p", full === "" ? "Does not exist" : full + unit);
    number.className = "full";

    const facts = element("dl");
    facts.className = "facts";
    fact(facts, "Shown as", shown.textContent);
    fact(facts, "Patients", value.n);
    fact(facts, "Step", element("code", step));
    fact(facts, "Field", value.field && element("code", value.field));
    const made = known(page.steps, step) ?? {};
    const about = known(page.kinds, made.kind) ?? {};
    fact(facts, "Method", about.method);
    fact(facts, "Formula", about.formula);
    fact(facts, "Source", about.source);
    fact(facts, "Seed", made.seed);
    fact(facts, "Declared", declared(made.declared));
    fact(facts, "Parameters", parameters(made.parameters));

    const { steps, files } = descent(step);
    const chain = element("ol");
    for (const [name, { kind, inputs, seed, declared: statement }] of steps) {
      const item = element("li", "", [element("code", name), ` ${kind}`]);
      if (seed !== null && seed !== undefined) item.append(`, seed ${seed}`);
      const link = declared(statement);
      if (link) item.append(", ", link);
      if (inputs.length > 0) item.append(element("span", `reads ${inputs.join(", ")}`));
      chain.append(item);
    }
    const sources = element("ul");
    for (const name of files) {
      const file = known(page.inputs, name);
      const item = element("li", "", [element("code", name)]);
      if (file) item.append(element("span", `${file.patients} patients, SHA-256 of the content ${file.sha256}`));
      sources.append(item);
    }
    const head = element("div", "", [title, close]);
    head.className = "head";
    panel.replaceChildren(head, number, facts);
    if (steps.length > 0) panel.append(element("h3", "Line of descent"), chain);
    if (files.length > 0) panel.append(element("h3", "Files"), sources);
    return title;
  }

  // Below the number if there is room, else above; a narrow screen has the panel at its foot (style sheet).
  function place(shown) {
    const gap = 8;
    const at = shown.getBoundingClientRect();
    const { width, height } = panel.getBoundingClientRect();
    const screen = document.documentElement;
    const left = Math.max(gap, Math.min(at.left, screen.clientWidth - width - gap));
    const above = at.top - height - gap;
    const top = at.bottom + gap + height > screen.clientHeight && above > 0 ? above : at.bottom + gap;
    panel.style.left = `${left + window.scrollX}px`;
    panel.style.top = `${top + window.scrollY}px`;
    panel.scrollTop = 0;
  }

  function open(shown) {
    if (origin) origin.removeAttribute("aria-expanded");
    origin = shown;
    const title = fill(shown);
    if (!panel.open) panel.show();
    if (window.matchMedia("(min-width: 40.001rem)").matches) place(shown);
    else panel.removeAttribute("style");
    if (shown.matches("[role=button]")) shown.setAttribute("aria-expanded", "true");
    title.focus({ preventScroll: true });
  }

  function leave() {
    if (!panel.open) return;
    panel.close();
    if (origin) {
      origin.removeAttribute("aria-expanded");
      origin.focus({ preventScroll: true });
      origin = null;
    }
  }

  // One number of a group is a stop of the Tab key; arrow keys go to the others.
  function choose(numbers, number) {
    for (const other of numbers) other.tabIndex = other === number ? 0 : -1;
  }
  const group = (number) => [...(number.closest("[data-group]") ?? number.parentElement).querySelectorAll("data.value")];

  // The nearest number in the next line of the group, upwards or downwards.
  function beside(number, numbers, direction) {
    const from = number.getBoundingClientRect();
    const centre = (rect) => rect.left + rect.width / 2;
    let best = null;
    for (const other of numbers) {
      const rect = other.getBoundingClientRect();
      const lines = (rect.top - from.top) * direction;
      if (lines < from.height / 2) continue;
      const distance = lines * 1e4 + Math.abs(centre(rect) - centre(from));
      if (best === null || distance < best.distance) best = { distance, other };
    }
    return best?.other;
  }

  function move(event, number) {
    const numbers = group(number);
    const index = numbers.indexOf(number);
    const target = {
      ArrowRight: () => numbers[index + 1],
      ArrowLeft: () => numbers[index - 1],
      ArrowDown: () => beside(number, numbers, 1),
      ArrowUp: () => beside(number, numbers, -1),
      Home: () => numbers[0],
      End: () => numbers.at(-1),
    }[event.key];
    if (!target) return;
    event.preventDefault();
    const next = target();
    if (!next) return;
    choose(numbers, next);
    next.focus();
  }

  const groups = new Set();
  for (const number of document.querySelectorAll("data.value")) {
    number.setAttribute("role", "button");
    number.setAttribute("aria-haspopup", "dialog");
    const home = number.closest("[data-group]");
    number.tabIndex = home && groups.has(home) ? -1 : 0;
    if (home) groups.add(home);
  }

  document.addEventListener("click", (event) => {
    const number = event.target.closest(".value");
    if (number) {
      if (number.matches("data")) choose(group(number), number);
      open(number);
    } else if (panel.open && !panel.contains(event.target)) {
      origin?.removeAttribute("aria-expanded");
      origin = null;
      panel.close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leave();
      return;
    }
    const number = event.target.closest?.("data.value");
    if (!number || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(number);
    } else {
      move(event, number);
    }
  });

  // A box that does not scroll is no stop of the Tab key; one that does shows that there is more.
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const more = target.scrollWidth > target.clientWidth;
      target.classList.toggle("more", more);
      if (more) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".scroll")) watch.observe(box);

  async function copy(button) {
    const text = page.tables[button.dataset.of][button.dataset.copy];
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = "Copied";
    } catch {
      status.textContent = "The browser did not allow copying";
    }
    const label = button.textContent;
    button.textContent = status.textContent;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  function download(name, blob) {
    const link = element("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // The picture as a file of its own: on white, with the colours of its attributes.
  function picture(id) {
    const chart = document.getElementById(id).querySelector("svg").cloneNode(true);
    const { width, height } = chart.viewBox.baseVal;
    chart.setAttribute("width", width);
    chart.setAttribute("height", height);
    const paper = document.createElementNS(chart.namespaceURI, "rect");
    for (const [name, value] of [["width", "100%"], ["height", "100%"], ["fill", "#ffffff"]]) paper.setAttribute(name, value);
    chart.prepend(paper);
    return { width, height, blob: new Blob([new XMLSerializer().serializeToString(chart)], { type: "image/svg+xml" }) };
  }

  async function save(button) {
    const id = button.dataset.of;
    const kind = button.dataset.save;
    if (kind === "csv") {
      download(`${id}.csv`, new Blob([page.figures[id]], { type: "text/csv" }));
      return;
    }
    const { width, height, blob } = picture(id);
    if (kind === "svg") {
      download(`${id}.svg`, blob);
      return;
    }
    const scale = 3;
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    const canvas = element("canvas");
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((png) => download(`${id}.png`, png), "image/png");
  }

  for (const button of document.querySelectorAll("button[data-copy]")) button.addEventListener("click", () => copy(button));
  for (const button of document.querySelectorAll("button[data-save]")) button.addEventListener("click", () => save(button));
  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
})();
