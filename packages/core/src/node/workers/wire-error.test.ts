import { deserialize, serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { IsthmusError, isIsthmusError } from "../../errors/isthmus-error.js";
import { packError, unpackError } from "./wire-error.js";

/** What arrives of an error in another process. */
const sent = (error: unknown) => unpackError(deserialize(serialize(packError(error))));

describe("an error that crosses to another process", () => {
  it("keeps code, hint, message, stack and causes", () => {
    const cause = new RangeError("it broke", { cause: "a text" });
    const error = new IsthmusError({ code: "x/y", message: "m", hint: "h", cause });
    const found = sent(error);
    expect(isIsthmusError(found)).toBe(true);
    expect(found).toMatchObject({ name: "IsthmusError", code: "x/y", message: "m", hint: "h" });
    expect(found.stack).toBe(error.stack);
    expect(found.cause).toMatchObject({ name: "RangeError", message: "it broke", stack: cause.stack });
    expect((found.cause as Error).cause).toMatchObject({ message: "a text" });
  });

  it("is not taken for one of ours where it was none, and has no cause where it had none", () => {
    const found = sent(new TypeError("t"));
    expect(isIsthmusError(found)).toBe(false);
    expect("cause" in found).toBe(false);
    expect(sent(42)).toMatchObject({ name: "Error", message: "42" });
  });

  it("ends, even where it causes itself", () => {
    const error = new Error("round");
    error.cause = error;
    expect(sent(error).message).toBe("round");
  });
});
