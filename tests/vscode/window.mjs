// What a user does in the window, as functions; each waits until what it leads to can be seen.

import fs from "node:fs";
import path from "node:path";

import { open } from "./editor.mjs";

/** Longest that a step may take. A server that offers nothing is given less: its steps are meant to fail. */
const PATIENCE_MS = Number(process.env.BODKIN_PATIENCE_MS ?? 45_000);
/** Longest until the window stands: the machine's affair, not the server's. */
const START_MS = 90_000;

/** Runs one case and ends the process: 0 when every step went well; else the step that did not is named. */
export async function run(name, options, steps) {
  const editor = await open(options);
  const window = new Window(name, editor);
  let failed = true;
  try {
    await window.step("the window opens", () => window.start());
    await steps(window);
    failed = false;
    console.log(`passed: ${name}`);
  } catch (error) {
    console.log(`failed: ${window.current}: ${String(error.message).slice(0, 1500)}`);
    await window.screenshot("failed").catch(() => {});
    if (process.env.BODKIN_LOGS) {
      console.log(editor.log());
    }
  } finally {
    await editor.close();
  }
  process.exit(failed ? 1 : 0);
}

export class Window {
  constructor(name, { page, url, workspace }) {
    Object.assign(this, { name, page, url, workspace, current: "", began: Date.now() });
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Names what is being done, for the one who reads why a case failed. */
  async step(what, act) {
    this.current = what;
    const result = await act();
    console.log(`${((Date.now() - this.began) / 1000).toFixed(1)} s  ${what}`);
    return result;
  }

  async start() {
    await this.page.goto(this.url, { timeout: START_MS });
    await this.page.waitForSelector(".monaco-workbench .explorer-folders-view .monaco-list-row", { timeout: START_MS });
  }

  /** Shows what is in one of several folders. */
  async openFolder(name) {
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: whole(name) }).first().click({ timeout: START_MS });
    await this.page.keyboard.press("ArrowRight");
  }

  /** Opens a file from the explorer; of one of several folders where that is named. */
  async openFile(name, folder = "") {
    const inside = folder === "" ? "" : `:has([aria-label*="/${folder}/${name}"])`;
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row${inside}`, { hasText: whole(name) }).first();
    await row.dblclick({ timeout: START_MS });
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor({ timeout: START_MS });
    await this.page.locator(".editor-instance .view-line").first().waitFor({ timeout: START_MS });
  }

  /** Selects a whole line by its number, counted from one. */
  async selectLine(number) {
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(`:${number}`);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.page.keyboard.press("Home");
    await this.page.keyboard.press("Home");
    await this.page.keyboard.press("Shift+End");
  }

  /** Opens the menu of the light bulb and chooses the entry with this title. */
  async lightBulb(title, shot) {
    const menu = this.page.locator(".action-widget").first();
    const entry = menu.locator(".monaco-list-row.action", { hasText: title }).first();
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      await this.page.keyboard.press("Control+.");
      if (await entry.waitFor({ timeout: 2500 }).then(() => true, () => false)) {
        break;
      }
      await this.page.keyboard.press("Escape");
      if (Date.now() > until) {
        throw new Error(`the light bulb does not offer "${title}"`);
      }
    }
    if (shot) {
      await this.screenshot(shot);
    }
    const rows = menu.locator(".monaco-list-row.action:not(.option-disabled)");
    for (let at = 0; at < (await rows.count()); at++) {
      if ((await menu.locator(".monaco-list-row.focused").first().innerText()).includes(title)) {
        await this.page.keyboard.press("Enter");
        return;
      }
      await this.page.keyboard.press("ArrowDown");
    }
    throw new Error(`"${title}" can not be reached by the keyboard`);
  }

  /** Opens the context menu of something and chooses the entry with this title. */
  async contextMenu(target, title) {
    await target.click({ button: "right" });
    const menu = this.page.locator(".monaco-menu").first();
    const entry = this.page.locator(".monaco-menu .action-label", { hasText: title }).first();
    // A menu that has just opened takes no click: it is clicked until it goes.
    const isGone = () => menu.waitFor({ state: "detached", timeout: 500 }).then(() => true, () => false);
    for (let tries = 0; tries < 20; tries++) {
      await entry.click({ timeout: 2000 }).catch(() => {});
      if (await isGone()) {
        break;
      }
    }
    await menu.waitFor({ state: "detached" });
  }

  /** Runs a command of the palette by its title. */
  async command(title) {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** Shows Bodkin's sidebar. */
  async sidebar() {
    const tab = this.page.locator('.activitybar .action-item:has([aria-label^="Bodkin"])').first();
    const isOpen = await tab.evaluate((it) => it.classList.contains("checked"));
    if (!isOpen) {
      await tab.click();
    }
    await this.view("Runs").waitFor();
  }

  /** A view of the sidebar. */
  view(title) {
    return this.page.locator(".pane", { has: this.page.locator(`.pane-header[aria-label^="${title}"]`) }).first();
  }

  /** The lines of a view that hold this text. */
  row(view, text) {
    return this.view(view).locator(".monaco-list-row", { hasText: text });
  }

  /** Opens the sidebar and remembers from now on how far every run is said to be there, however short it is to be seen. */
  async followPlans() {
    await this.sidebar();
    await this.page.evaluate(() => {
      const seen = (globalThis.plansSeen = new Set());
      const look = () => {
        for (const it of document.querySelectorAll(".pane .monaco-list-row .label-description")) {
          const done = /^\d+\/\d+/.exec(it.textContent ?? "");
          if (done) {
            seen.add(done[0]);
          }
        }
      };
      new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
  }

  /** Waits until the plan has been seen with two different numbers of steps done, since it is followed. */
  async advances() {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const seen = await this.page.evaluate(() => [...globalThis.plansSeen]);
      if (seen.length >= 2) {
        return;
      }
      if (Date.now() > until) {
        throw new Error(`the plan stands still at ${seen.join()}`);
      }
      await this.page.waitForTimeout(20);
    }
  }

  /** A code lens of the review's right side: the one with this title that stands highest. */
  lens(title) {
    const exactly = new RegExp(`^\\s*${title}\\s*$`);
    return this.page.locator(".monaco-diff-editor .modified .codelens-decoration a", { hasText: exactly }).first();
  }

  /** What a review's right side says of a decision. */
  said(text) {
    return this.page.locator(".monaco-diff-editor .modified .codelens-decoration span", { hasText: text }).first();
  }

  /** Waits until the review's right side shows this text. */
  async reviewed(text) {
    const wanted = text.replace(/\n$/, "");
    const lines = this.page.locator(".monaco-diff-editor .modified .view-lines .view-line");
    const shown = () =>
      lines.evaluateAll((all) =>
        all
          .map((line) => [parseFloat(line.style.top), line.textContent.replaceAll("\u00a0", " ")])
          .sort(([one], [other]) => one - other)
          .map(([, words]) => words)
          .join("\n")
          .trimEnd(),
      );
    const until = Date.now() + PATIENCE_MS;
    for (let seen = await shown(); seen !== wanted; seen = await shown()) {
      if (Date.now() > until) {
        throw new Error(`the review shows ${JSON.stringify(seen)}`);
      }
      await this.page.waitForTimeout(50);
    }
  }

  /** Waits until a line of the editor reads so. */
  async line(text) {
    const plain = ".editor-instance .monaco-editor:not([class*='-in-monaco-diff-editor']) .view-line";
    await this.page.locator(plain, { hasText: whole(text) }).first().waitFor();
  }

  /** Saves the active editor. */
  async save() {
    await this.page.keyboard.press("Control+s");
  }

  /** Waits until a file of the workspace holds exactly this. */
  async file(name, text) {
    const at = path.join(this.workspace, name);
    const until = Date.now() + PATIENCE_MS;
    while (fs.readFileSync(at, "utf8") !== text) {
      if (Date.now() > until) {
        throw new Error(`${name} holds ${JSON.stringify(fs.readFileSync(at, "utf8"))}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Fails when the program that `bodkin.path` names runs. */
  async noProgram() {
    for (const id of fs.readdirSync("/proc").filter((it) => /^\d+$/.test(it))) {
      const environment = read(`/proc/${id}/environ`);
      if (environment.includes(path.dirname(this.workspace)) && read(`/proc/${id}/cmdline`).split("\0")[1] === "lsp") {
        throw new Error(`process ${id} is a language server of this window`);
      }
    }
  }

  /** Keeps a picture of the window. */
  async screenshot(what) {
    const folder = process.env.BODKIN_ARTEFACTS;
    if (folder) {
      fs.mkdirSync(folder, { recursive: true });
      await this.page.screenshot({ path: path.join(folder, `${this.name}-${what}.png`) });
    }
  }
}

/** Matches a text from its beginning to its end; the editor shows blanks as unbreakable ones. */
function whole(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "[ \\u00a0]")}$`);
}

/** The text of a file of a process that may have ended. */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
