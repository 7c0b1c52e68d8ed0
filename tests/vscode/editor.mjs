// A real VS Code in a headless browser: code-server with the extension, a workspace and settings of its own.
//
// Nothing of the user's is read or written: home, state, settings and extensions lie in a folder that is made for it
// and removed afterwards. The tools are named by the environment: BODKIN_TOOLS (code-server and playwright-core),
// BODKIN_EXTENSION (the bundled extension), BODKIN_PROGRAM (what `bodkin.path` is set to). With BODKIN_VSIX that package
// is installed instead, and the program that it brings along is used.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const TOOLS = named("BODKIN_TOOLS");
const { chromium } = createRequire(path.join(TOOLS, "drive", "package.json"))("playwright-core");
/** Another code-server than the usual, and the node that it needs. */
const CODE_SERVER = process.env.BODKIN_CODE_SERVER ?? path.join(TOOLS, "code-server");
const NODE = process.env.BODKIN_CODE_SERVER_NODE ?? process.execPath;
const ENTRY = path.join(CODE_SERVER, "node_modules", "code-server", "out", "node", "entry.js");

/** Flags without which Debian's chromium does not run headless and offline. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Nothing is looked up outside. */
const NO_SHOP = JSON.stringify({ serviceUrl: "", itemUrl: "" });

/** What keeps VS Code quiet. */
const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "window.commandCenter": false,
  "files.simpleDialog.enable": true,
  "git.enabled": false,
  "editor.minimap.enabled": false,
};

/** A variable that must be set. */
export function named(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set; \`cargo xtask test\` sets it`);
  }
  return value;
}

/**
 * Starts everything and opens `files` (path to text) as a workspace; with `folders`, these folders of it, and
 * those that are named by an address.
 * `extensions`: folders of these tests that are extensions of their own. `development`: the extension is loaded from its folder together with these tests for the extension host.
 */
export async function open({ files, folders, extensions = [], settings = {}, theme = "Default Dark Modern", trust = true, development, env = {}, size = { width: 1280, height: 800 } }) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "bodkin-vscode-")));
  const workspace = path.join(root, "work");
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(workspace, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  const rootAt = (it) => (it.includes(":") ? { uri: it } : { path: path.join(workspace, it) });
  const several = path.join(root, "several.code-workspace");
  if (folders !== undefined) {
    fs.writeFileSync(several, JSON.stringify({ folders: folders.map(rootAt) }));
  }
  const opened = folders === undefined ? `folder=${workspace}` : `workspace=${several}`;
  const vsix = process.env.BODKIN_VSIX;
  const program = vsix ? {} : { "bodkin.path": named("BODKIN_PROGRAM") };
  const all = { ...QUIET, "workbench.colorTheme": theme, ...program, ...settings };
  // What belongs to the machine (`bodkin.path`) is read from its own file where the window and the server are two.
  for (const kind of ["User", "Machine"]) {
    const folder = path.join(root, "data", kind);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "settings.json"), JSON.stringify(all));
  }
  if (vsix) {
    const places = ["--extensions-dir", path.join(root, "extensions"), "--user-data-dir", path.join(root, "data")];
    const env = { ...process.env, HOME: root, EXTENSIONS_GALLERY: NO_SHOP };
    execFileSync(NODE, [ENTRY, ...places, "--install-extension", vsix], { env, stdio: "inherit" });
  } else if (development === undefined) {
    install(path.join(root, "extensions"));
  }
  for (const it of extensions) {
    fs.cpSync(path.join(import.meta.dirname, it), path.join(root, "extensions", `bodkin-tests.${it}-0.0.1`), { recursive: true });
  }
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const server = serve({ root, port, trust, env });
  const stop = [() => end(server)];
  try {
    await answering(`${address}/healthz`, server);
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: CHROMIUM_FLAGS });
    stop.unshift(() => browser.close());
    const page = await browser.newPage({ viewport: size });
    const close = async () => {
      for (const each of stop) {
        await each();
      }
      fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    };
    if (development !== undefined) {
      await develop(page, `127.0.0.1:${port}`, named("BODKIN_EXTENSION"), development);
    }
    return { page, root, workspace, url: `${address}/?${opened}`, close, log: () => logs(root) };
  } catch (error) {
    for (const each of stop) {
      await each();
    }
    throw error;
  }
}

/**
 * Has the window load an extension from its folder, and tests into its extension host. That stands in the configuration
 * that the page brings along and reads once; what an address may say of it is not heeded by every version.
 */
async function develop(page, authority, extension, tests) {
  const at = (path) => ({ scheme: "vscode-remote", authority, path });
  await page.addInitScript((developmentOptions) => {
    const read = Element.prototype.getAttribute;
    Element.prototype.getAttribute = function (name) {
      const value = read.call(this, name);
      const isConfiguration = this.id === "vscode-workbench-web-configuration" && name === "data-settings";
      return isConfiguration ? JSON.stringify({ ...JSON.parse(value), developmentOptions }) : value;
    };
  }, { extensions: [at(extension)], extensionTestsPath: at(tests) });
}

/** Puts the bundled extension where code-server looks for extensions. */
function install(extensions) {
  const from = named("BODKIN_EXTENSION");
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(from, "package.json"), "utf8"));
  const to = path.join(extensions, `${publisher}.${name}-${version}`);
  for (const part of ["package.json", "package.nls.json", "dist", "media", "l10n"]) {
    fs.cpSync(path.join(from, part), path.join(to, part), { recursive: true });
  }
}

function serve({ root, port, trust, env }) {
  const folder = (name) => {
    const at = path.join(root, name);
    fs.mkdirSync(at, { recursive: true });
    return at;
  };
  const words = ["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check"];
  words.push("--disable-getting-started-override", "--extensions-dir", folder("extensions"), "--user-data-dir", folder("data"));
  if (trust) {
    words.push("--disable-workspace-trust");
  }
  const output = fs.openSync(path.join(root, "code-server.log"), "w");
  return spawn(NODE, [ENTRY, ...words], {
    detached: true,
    stdio: ["ignore", output, output],
    env: {
      ...process.env,
      HOME: folder("home"),
      XDG_CONFIG_HOME: folder("config"),
      XDG_DATA_HOME: folder("share"),
      XDG_STATE_HOME: folder("state"),
      XDG_CACHE_HOME: folder("cache"),
      EXTENSIONS_GALLERY: NO_SHOP,
      ...env,
    },
  });
}

/** Ends code-server and all that it has started, and waits until it is gone. */
async function end(server) {
  const gone = server.exitCode === null && new Promise((resolve) => server.once("exit", resolve));
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    try {
      process.kill(-server.pid, signal);
    } catch {
      break;
    }
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 3000))]);
  }
}

async function answering(url, server) {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) {
      throw new Error("code-server ended at once");
    }
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("code-server does not answer");
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What code-server and the extension wrote, the end of each. */
function logs(root) {
  const found = [];
  const walk = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        walk(at);
      } else if (/Bodkin\.log$|^code-server\.log$|remoteexthost\.log$/.test(entry.name)) {
        found.push(`--- ${at}\n${fs.readFileSync(at, "utf8").slice(-3000)}`);
      }
    }
  };
  walk(path.join(root, "data"));
  found.push(fs.readFileSync(path.join(root, "code-server.log"), "utf8").slice(-1500));
  return found.join("\n");
}
