import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultCacheDir } from "./cache-dir.js";
import { ensureMlflow } from "./ensure-mlflow.js";
import { findMlflow } from "./find-mlflow.js";
import { findPython } from "./python.js";

/**
 * A Python in name only: it answers the version question with $PYTHON_VERSION, and "makes" an environment whose own
 * Python notes each installation in $LOG, takes a moment, and puts an mlflow program down unless $FAIL is set.
 */
const FAKE_PYTHON = `#!/bin/sh
if [ "$1" = "-c" ]; then echo "$PYTHON_VERSION"; exit \${NO_VENV:-0}; fi
mkdir -p "$3/bin"
cat > "$3/bin/python" <<END
#!/bin/sh
echo "\\$*" >> "$LOG"
sleep 0.3
if [ -n "\\$FAIL" ]; then echo "no space left" >&2; exit 1; fi
echo "Collecting mlflow"
echo '#!/bin/sh
echo "mlflow, version 9.9.9"' > "$3/bin/mlflow"
chmod +x "$3/bin/mlflow"
END
chmod +x "$3/bin/python"
`;

describe.skipIf(process.platform === "win32")("installing a server", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlflow-js-client-install-"));
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin", "python3"), FAKE_PYTHON);
    await chmod(join(folder, "bin", "python3"), 0o755);
    env = { PATH: `${folder}/bin:/usr/bin:/bin`, LOG: join(folder, "log"), PYTHON_VERSION: "3.12" };
  });
  afterEach(() => rm(folder, { recursive: true }));
  const installations = async () => (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
  const ensure = (more: Parameters<typeof ensureMlflow>[0] = {}) =>
    ensureMlflow({ cacheDir: join(folder, "cache"), version: "9.9.9", env, ...more });

  it("happens once, with the release that was asked for, and says what it does", async () => {
    const lines: string[] = [];
    const installed = await ensure({ onProgress: (line) => lines.push(line) });
    expect(installed).toEqual({
      command: join(folder, "cache", "mlflow-9.9.9", "bin", "mlflow"),
      version: "9.9.9",
    });
    expect(lines).toContain("Collecting mlflow");
    lines.length = 0;
    expect(await ensure({ onProgress: (line) => lines.push(line) })).toEqual(installed);
    expect(lines).toEqual([]);
    expect(await installations()).toEqual([expect.stringMatching(/-m pip install .*mlflow==9\.9\.9$/)]);
  });

  it("happens once for several that ask at the same time", async () => {
    const all = await Promise.all([ensure(), ensure(), ensure()]);
    expect(new Set(all.map(({ command }) => command)).size).toBe(1);
    expect(await installations()).toHaveLength(1);
  });

  it("that failed is an error with pip's words, and is tried again from the start", async () => {
    await expect(ensure({ env: { ...env, FAIL: "1" } })).rejects.toMatchObject({
      code: "INSTALL_FAILED",
      message: expect.stringContaining("no space left"),
    });
    await ensure();
    expect(await installations()).toHaveLength(2);
  });

  it("that was interrupted is not taken for a finished one, and its lock not for a living one", async () => {
    const cache = join(folder, "cache");
    await mkdir(join(cache, "mlflow-9.9.9", "bin"), { recursive: true });
    await writeFile(join(cache, "mlflow-9.9.9", "bin", "mlflow"), "half");
    const { hostname } = await import("node:os");
    await writeFile(join(cache, "mlflow-9.9.9.lock"), `999999999 ${hostname()}`);
    const { command } = await ensure();
    expect(await readFile(command, "utf8")).toContain("version 9.9.9");
  });

  it("can be aborted", async () => {
    const controller = new AbortController();
    const call = ensure({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    await ensure();
  });

  it("needs a Python that is new enough and has venv", async () => {
    const without = (more: NodeJS.ProcessEnv) => findPython({ ...env, PATH: join(folder, "bin"), ...more });
    expect(await without({})).toBe("python3");
    await expect(without({ PYTHON_VERSION: "3.9" })).rejects.toThrow(
      /3\.10 or newer; found only python3 3\.9/,
    );
    await expect(without({ NO_VENV: "1" })).rejects.toMatchObject({
      hint: expect.stringContaining("python3.12-venv"),
    });
    await expect(findPython({ PATH: join(folder, "nothing") })).rejects.toMatchObject({
      code: "PYTHON_NOT_FOUND",
    });
  });

  it("is not needed when there is one on the PATH", async () => {
    const { command } = await ensure();
    const PATH = `${join(folder, "nothing")}:${join(command, "..")}:/usr/bin:/bin`;
    expect(await findMlflow({ PATH })).toEqual({ command, version: "9.9.9" });
    expect(await findMlflow({ PATH: join(folder, "nothing") })).toBeUndefined();
  });

  it("refuses what is not a release number", async () => {
    await expect(ensure({ version: "../x" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("the folder for installed servers", () => {
  it("follows each platform's custom", () => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: "/c" }, "darwin", "/h")).toBe(join("/c", "mlflow-js-client"));
    expect(defaultCacheDir({}, "linux", "/h")).toBe(join("/h", ".cache", "mlflow-js-client"));
    expect(defaultCacheDir({}, "darwin", "/h")).toBe(join("/h", "Library", "Caches", "mlflow-js-client"));
    expect(defaultCacheDir({ LOCALAPPDATA: "/l" }, "win32", "/h")).toBe(join("/l", "mlflow-js-client"));
  });
});
