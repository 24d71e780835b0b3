import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, utimesSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { thisProcess } from "./cursor.js";
import { takeLock } from "./sender-lock.js";

const place = () => join(mkdtempSync(join(tmpdir(), "isthmus-lock-")), "cursor");

it("a lock has one holder at a time", async () => {
  const file = place();
  const first = await takeLock(file, () => undefined);
  expect(await takeLock(file, thisProcess)).toBeUndefined();
  await first?.release();
  const second = await takeLock(file, thisProcess);
  expect(second?.lost).toBe(false);
  await second?.release();
});

it("the lock of a dead process is taken over, be it dated a second ahead", async () => {
  const file = place();
  mkdirSync(`${file}.lock`);
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  const ahead = Date.now() / 1000 + 1;
  utimesSync(`${file}.lock`, ahead, ahead);
  const held = await takeLock(file, () => ({ pid, host: hostname() }));
  expect(held).toBeDefined();
  await held?.release();
});

it("the lock of a process on another machine is respected", async () => {
  const file = place();
  mkdirSync(`${file}.lock`);
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  expect(await takeLock(file, () => ({ pid, host: "elsewhere.example" }))).toBeUndefined();
});
