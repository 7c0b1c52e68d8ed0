// Finds the program `bodkin` and asks it for its version.
//
// The setting `bodkin.path` counts alone where it is set; else the program that came with the extension, else the one
// on PATH. Nothing is started in a folder that is not trusted: the caller sees to that.

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { l10n } from "vscode";

/** Where a program was found. */
export type Origin = "setting" | "bundled" | "path";

/** A program that answered. */
export interface Binary {
  path: string;
  origin: Origin;
  /** As it says itself, without its name: `0.1.0`. */
  version: string;
}

/** Why there is no program to start; the message is for people. */
export class NoBinary extends Error {
  constructor(
    readonly reason: "missing" | "silent" | "version",
    message: string,
  ) {
    super(message);
  }
}

const NAME = process.platform === "win32" ? "bodkin.exe" : "bodkin";
/** Longest that a program may take to say its version. */
const VERSION_TIMEOUT_MS = 10_000;

/** The program to start, or a {@link NoBinary}. `wanted` is the version of the extension. */
export async function find(setting: string, extensionPath: string, wanted: string): Promise<Binary> {
  const { path, origin } = await locate(setting.trim(), extensionPath);
  const version = await versionOf(path);
  if (!fits(version, wanted)) {
    throw new NoBinary(
      "version",
      l10n.t(
        "{0} is version {1}; this extension speaks with version {2}. Install that version, or choose another program.",
        path,
        version,
        series(wanted),
      ),
    );
  }
  return { path, origin, version };
}

/** Whether two versions speak the same protocol: before 1.0 the second number counts, later the first. */
export function fits(version: string, wanted: string): boolean {
  return series(version) === series(wanted);
}

function series(version: string): string {
  const [major = "0", minor = "0"] = version.split(".");
  return major === "0" ? `0.${minor}` : major;
}

async function locate(setting: string, extensionPath: string): Promise<{ path: string; origin: Origin }> {
  if (setting !== "") {
    const path = setting.startsWith("~/") ? join(homedir(), setting.slice(2)) : setting;
    const found = isAbsolute(path) ? ((await runs(path)) ? path : undefined) : await onPath(path);
    if (found === undefined) {
      throw new NoBinary(
        "missing",
        l10n.t("The setting bodkin.path names {0}, which is not a program that can be started.", setting),
      );
    }
    return { path: found, origin: "setting" };
  }
  const bundled = join(extensionPath, "server", NAME);
  if (await runs(bundled)) {
    return { path: bundled, origin: "bundled" };
  }
  const found = await onPath(NAME);
  if (found === undefined) {
    throw new NoBinary(
      "missing",
      l10n.t("The program bodkin is neither part of this extension nor on PATH. Install it, or say where it is."),
    );
  }
  return { path: found, origin: "path" };
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name);
    if (await runs(path)) {
      return path;
    }
  }
  return undefined;
}

async function runs(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function versionOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, ["--version"], { timeout: VERSION_TIMEOUT_MS }, (error, stdout) => {
      const said = /^bodkin (\d+\.\d+\.\d+\S*)/.exec(stdout);
      if (error === null && said?.[1] !== undefined) {
        resolve(said[1]);
      } else {
        reject(
          new NoBinary("silent", l10n.t("{0} does not say its version, so it is not taken for Bodkin.", path)),
        );
      }
    });
  });
}
