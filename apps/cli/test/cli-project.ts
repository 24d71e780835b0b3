import { spawn } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../..", import.meta.url));
const command = join(workspace, "apps/cli/dist/main.js");

/** What a command did. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly pid: number;
  /** Sends a signal to it, or to it and everything it started, where it has a process group of its own. */
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** A project in a temporary folder, with plugins of this workspace. */
export interface CliProject {
  readonly dir: string;
  write(path: string, content: string): Promise<void>;
  /** Starts `isthmus` in the project. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    options?: { readonly ownGroup?: boolean },
  ): Running;
  /** Runs `isthmus` in the project to its end. */
  isthmus(...args: readonly string[]): Promise<Ended>;
  remove(): Promise<void>;
}

/** The environment without what would change the commands. */
function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const dropped = /^(MLFLOW_|ISTHMUS_|FORCE_COLOR$|NO_COLOR$|XDG_)/;
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(kept), HOME: home, XDG_CACHE_HOME: join(home, "cache") };
}

/** Makes a project that depends on plugins of this workspace, by the names of their folders. */
export async function cliProject(...plugins: readonly string[]): Promise<CliProject> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "isthmus-cli-")));
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  };
  const dependencies = Object.fromEntries(plugins.map((name) => [`@isthmus/${name}`, "*"]));
  await write("package.json", JSON.stringify({ name: "project", private: true, dependencies }));
  await mkdir(join(dir, "node_modules/@isthmus"), { recursive: true });
  for (const name of plugins) {
    await symlink(join(workspace, "packages", name), join(dir, "node_modules/@isthmus", name), "junction");
  }
  const start: CliProject["start"] = (args, env = {}, { ownGroup = false } = {}) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: dir,
      env: { ...cleanEnvironment(join(dir, "home")), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: ownGroup,
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    const pid = child.pid as number;
    return { pid, kill: (signal) => void process.kill(ownGroup ? -pid : pid, signal), ended };
  };
  return {
    dir,
    write,
    start,
    isthmus: (...args) => start(args).ended,
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Waits until something is there. */
export async function until<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
