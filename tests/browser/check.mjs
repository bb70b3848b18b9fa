// Opens a report in headless Chromium and checks what a reader relies on: no console error, no request beyond the file,
// every number with its id and step, its panel by mouse and by keyboard, no sideways scrolling on a phone.
//
//   node tests/browser/check.mjs REPORT.html [--chromium PATH] [--pictures DIR]
//
// Needs Node 18 or later and Chromium, no package. With --pictures it also writes screenshots (1200 and 360 pixels
// wide, light and dark) and a PDF into DIR, to be looked at. Exit code 0 if everything holds, 1 if not, 2 for wrong usage.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

function usage(problem) {
  console.error(`${problem}\nusage: node check.mjs REPORT.html [--chromium PATH] [--pictures DIR]`);
  process.exit(2);
}

const options = { chromium: process.env.CHROMIUM ?? "chromium", pictures: null, report: null };
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word === "--chromium" || word === "--pictures") {
    options[word.slice(2)] = words.shift() ?? usage(`${word} needs a value`);
  } else if (word.startsWith("-") || options.report) {
    usage(`unexpected: ${word}`);
  } else {
    options.report = word;
  }
}
if (!options.report) usage("which report?");
const address = pathToFileURL(resolve(options.report)).href;

// The DevTools protocol over a pair of pipes: messages of JSON, each ended by a zero byte.
class Browser {
  #waiting = new Map();
  #listeners = [];
  #last = 0;

  constructor(program, profile) {
    this.process = spawn(
      program,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
        `--user-data-dir=${profile}`, "about:blank",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    this.ended = new Promise((done) => this.process.once("exit", done));
    this.failed = new Promise((_, refuse) => this.process.once("error", refuse));
    this.failed.catch(() => {});
    let rest = Buffer.alloc(0);
    this.process.stdio[4].on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
    this.process.stdio[3].on("error", () => {});
  }

  #receive(message) {
    const answer = this.#waiting.get(message.id);
    if (!answer) {
      for (const listener of this.#listeners) listener(message);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.error) answer.refuse(new Error(`${answer.method}: ${message.error.message}`));
    else answer.done(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    const answer = new Promise((done, refuse) => this.#waiting.set(id, { done, refuse, method }));
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error(`${method}: no answer in 60 s`)), 60_000).unref());
    return Promise.race([answer, this.failed, late]);
  }

  on(listener) {
    this.#listeners.push(listener);
  }

  async close() {
    await this.send("Browser.close").catch(() => this.process.kill());
    await this.ended;
  }
}

const problems = [];
const check = (holds, problem) => {
  if (!holds) problems.push(problem);
};

const profile = await mkdtemp(join(tmpdir(), "prereg-browser-"));
const browser = new Browser(options.chromium, profile);
try {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);

  let loaded = () => {};
  browser.on(({ method, params }) => {
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") problems.push(`exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      problems.push(`console ${params.type}: ${params.args.map((a) => a.value ?? a.description).join(" ")}`);
    }
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) problems.push(`log: ${params.entry.text}`);
    if (method === "Network.requestWillBeSent") {
      const { url } = params.request;
      if (url !== address && !/^(data|blob):/.test(url)) problems.push(`request: ${url}`);
    }
  });
  await browser.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
  for (const domain of ["Page", "Runtime", "Log", "Network", "DOM"]) await send(`${domain}.enable`);

  const run = async (program) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression: program, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const view = async (width, height, scheme) => {
    await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    const features = [{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }];
    await send("Emulation.setEmulatedMedia", { media: "screen", features });
  };
  const load = async () => {
    const ready = new Promise((done) => { loaded = done; });
    const { errorText } = await send("Page.navigate", { url: address });
    if (errorText) throw new Error(`${address}: ${errorText}`);
    await ready;
  };
  const press = async (key, code = key) => {
    const text = key === "Enter" ? "\r" : undefined;
    const codes = { Tab: 9, Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 };
    await send("Input.dispatchKeyEvent", { type: "keyDown", key, code, text, windowsVirtualKeyCode: codes[key] });
    await send("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode: codes[key] });
  };
  const isOpen = () => run(`document.getElementById("report-descent").open`);

  await view(1200, 900, "light");
  await load();

  // Every number says which value it is and which step it was read from, and the page knows both.
  const bare = await run(`(() => {
    const page = JSON.parse(document.getElementById("report-data").textContent);
    const numbers = [...document.querySelectorAll(".value")];
    const wrong = numbers.filter((n) => !n.dataset.id || !n.dataset.step || !Object.hasOwn(page.values, n.dataset.id)
      || !Object.hasOwn(page.steps, n.dataset.step) || (n.getAttribute("value") ?? n.dataset.value) === null);
    return { count: numbers.length, wrong: wrong.map((n) => n.outerHTML), places: new Set(numbers.map((n) => n.dataset.id)).size };
  })()`);
  check(bare.count > 0, "the report shows no number");
  for (const html of bare.wrong) problems.push(`a number without a known id and step: ${html}`);

  // Every number opens its panel, which shows its id, its step and at least one file at the end of the chain.
  const silent = await run(`(() => {
    const panel = document.getElementById("report-descent");
    const wrong = [];
    for (const number of document.querySelectorAll(".value")) {
      number.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      const text = panel.textContent;
      const full = number.getAttribute("value") ?? number.dataset.value;
      if (!panel.open || !text.includes(number.dataset.id) || !text.includes(full) || !panel.querySelector("ol li")
        || !panel.querySelector("ul li")) wrong.push(number.dataset.id);
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      if (panel.open) wrong.push("not closed: " + number.dataset.id);
    }
    return wrong;
  })()`);
  for (const id of silent) problems.push(`a number whose panel does not answer: ${id}`);

  // By mouse: the first number of a table and the first in a picture.
  for (const selector of ["table data.value", ".chart .value"]) {
    const at = await run(`(() => {
      const number = [...document.querySelectorAll(${JSON.stringify(selector)})].find((n) => n.checkVisibility());
      if (!number) return null;
      number.scrollIntoView({ block: "center", behavior: "instant" });
      const rect = number.getBoundingClientRect();
      return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2, id: number.dataset.id };
    })()`);
    if (!at) continue;
    // The mouse meets what was last drawn, so the scrolled page must have been drawn.
    await run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    for (const type of ["mousePressed", "mouseReleased"]) {
      await send("Input.dispatchMouseEvent", { type, x: at.x, y: at.y, button: "left", clickCount: 1 });
    }
    const shown = await run(`document.getElementById("report-descent").open && document.getElementById("report-descent-title").textContent`);
    check(shown === at.id, `a click on ${at.id} shows ${shown}`);
    const inside = await run(`(() => { const r = document.getElementById("report-descent").getBoundingClientRect();
      return r.left >= 0 && r.right <= innerWidth; })()`);
    check(inside, `the panel of ${at.id} leaves the window`);
    await press("Escape");
    check(!(await isOpen()), `Escape does not close the panel of ${at.id}`);
  }

  // By keyboard: Tab reaches a number, Enter opens, Escape closes and the focus is back; arrow keys reach all of a table.
  await run(`document.activeElement.blur(); window.scrollTo(0, 0)`);
  await load();
  const here = `(document.activeElement.matches("data.value") ? document.activeElement.dataset.id : null)`;
  let reached = null;
  for (let i = 0; i < 200 && !reached; i += 1) {
    await press("Tab");
    reached = await run(`document.activeElement.closest("table") && ${here}`);
  }
  check(reached, "Tab reaches no number of a table");
  if (reached) {
    await press("Enter");
    check(await isOpen(), "Enter does not open the panel");
    check(await run(`document.getElementById("report-descent").contains(document.activeElement)`), "the focus is not in the panel");
    await press("Escape");
    check(!(await isOpen()), "Escape does not close the panel");
    check((await run(here)) === reached, "the focus does not return to the number");
    const total = await run(`document.activeElement.closest("[data-group]").querySelectorAll("data.value").length`);
    const seen = new Set();
    for (let i = 0; i < total; i += 1) {
      seen.add(await run(`[...document.activeElement.closest("[data-group]").querySelectorAll("data.value")].indexOf(document.activeElement)`));
      await press("ArrowRight");
    }
    check(seen.size === total, `arrow keys reach ${seen.size} of ${total} numbers of a table`);
    const before = await run(`document.activeElement.getBoundingClientRect().top`);
    await press("Home");
    await press("ArrowDown");
    check((await run(here)) && (await run(`document.activeElement.getBoundingClientRect().top`)) !== before, "ArrowDown does not move");
  }

  // The first picture can be saved in every form, the first table copied.
  const downloads = join(profile, "downloads");
  await mkdir(downloads);
  await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, eventsEnabled: true });
  for (const kind of ["svg", "png", "csv"]) {
    const name = await run(`(() => { const button = document.querySelector("button[data-save=${kind}]");
      button?.click(); return button && button.dataset.of + ".${kind}"; })()`);
    if (!name) continue;
    let size = 0;
    for (let i = 0; i < 100 && size === 0; i += 1) {
      await new Promise((done) => setTimeout(done, 50));
      size = (await stat(join(downloads, name)).catch(() => ({ size: 0 }))).size;
    }
    check(size > 100, `${name} could not be saved`);
  }
  const copied = await run(`(async () => {
    const button = document.querySelector("button[data-copy=markdown]");
    if (!button) return "Copied";
    button.click();
    for (let i = 0; i < 40 && !document.getElementById("report-status").textContent; i += 1) await new Promise((done) => setTimeout(done, 50));
    return document.getElementById("report-status").textContent;
  })()`);
  check(copied === "Copied", `copying a table: ${copied}`);

  // Widths from phone to desk, light and dark: nothing scrolls sideways but tables in their boxes.
  for (const scheme of ["light", "dark"]) {
    for (const width of [360, 768, 1200]) {
      await view(width, 800, scheme);
      const { scroll, client, wide } = await run(`(() => {
        const page = document.scrollingElement;
        const wide = [...document.body.querySelectorAll("*")].filter((e) => !e.closest(".scroll, .hidden, svg, dialog, .skip")
          && e.getBoundingClientRect().right > page.clientWidth + 0.5).slice(0, 3).map((e) => e.outerHTML.slice(0, 120));
        return { scroll: page.scrollWidth, client: page.clientWidth, wide };
      })()`);
      check(scroll <= client && wide.length === 0, `at ${width} pixels the page is ${scroll} wide: ${wide.join(" ")}`);
    }
  }

  // Text in pictures stays inside its picture and on no other text.
  await view(1200, 900, "light");
  const crowded = await run(`(() => {
    const wrong = [];
    for (const chart of document.querySelectorAll(".chart")) {
      const frame = chart.getBoundingClientRect();
      const texts = [...chart.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
      const name = chart.querySelector("title").textContent;
      texts.forEach(([text, a], index) => {
        if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) {
          wrong.push(name + ": outside: " + text.textContent);
        }
        for (const [other, b] of texts.slice(index + 1)) {
          // Boxes of lines are taller than their letters.
          const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (x > 1 && y > 0.35 * Math.min(a.height, b.height)) wrong.push(name + ": " + text.textContent + " on " + other.textContent);
        }
      });
    }
    return wrong;
  })()`);
  for (const text of crowded) problems.push(`text in a picture: ${text}`);

  // Without a script the report is complete, only the panels are missing.
  await send("Emulation.setScriptExecutionDisabled", { value: true });
  await load();
  const { root } = await send("DOM.getDocument", { depth: 0 });
  const find = async (selector) => (await send("DOM.querySelectorAll", { nodeId: root.nodeId, selector })).nodeIds.length;
  check((await find(".value")) === bare.count, "without a script numbers are missing");
  check((await find("[role=button], [data-needs-script]:not([hidden])")) === 0, "without a script there are buttons that do nothing");
  await send("Emulation.setScriptExecutionDisabled", { value: false });

  if (options.pictures) {
    await mkdir(options.pictures, { recursive: true });
    await load();
    for (const scheme of ["light", "dark"]) {
      for (const width of [360, 1200]) {
        await view(width, 900, scheme);
        const height = Math.ceil(await run("document.documentElement.getBoundingClientRect().height"));
        const { data } = await send("Page.captureScreenshot", {
          captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 1 },
        });
        await writeFile(join(options.pictures, `report-${width}-${scheme}.png`), Buffer.from(data, "base64"));
      }
    }
    await send("Emulation.setEmulatedMedia", { media: "", features: [] });
    const { data } = await send("Page.printToPDF", { preferCSSPageSize: true, printBackground: false });
    await writeFile(join(options.pictures, "report.pdf"), Buffer.from(data, "base64"));
  }
  console.log(`${options.report}: ${bare.count} numbers, ${bare.places} values, ${problems.length} problems`);
} catch (error) {
  problems.push(`the check stopped: ${error.message}`);
} finally {
  await browser.close().catch(() => {});
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
for (const problem of problems) console.error(`- ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);
