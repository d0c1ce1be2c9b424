import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

import { expiryAfter, stateOf } from "./apiKeyState";
import { curl } from "./curl";

it("writes a call that a shell understands, quotes and all", () => {
  const body = { name: 'D\'Arcy $HOME "x" `id`' };
  const call = curl("http://here/api", "customers", body);
  const spoken = call.replace(/^curl /, "printf '%s\\n' ");
  const words = execFileSync("sh", ["-c", spoken], { encoding: "utf8", env: { CRM_API_KEY: "key" } });
  expect(words).toContain("http://here/api/customers\n");
  expect(words).toContain("Authorization: Bearer key\n");
  expect(JSON.parse(words.slice(words.indexOf("-d\n") + 3))).toEqual(body);
});

const NOW = new Date("2026-03-01T12:00:00Z");

it.each([
  [null, null, "works"],
  [null, "2026-03-01T12:00:01Z", "works"],
  [null, "2026-03-01T12:00:00Z", "expired"],
  ["2026-02-01T00:00:00Z", "2026-03-01T12:00:01Z", "revoked"],
])("says of a key that was revoked at %s and expires at %s that it %s", (revoked_at, expires_at, state) => {
  expect(stateOf({ revoked_at, expires_at }, NOW)).toBe(state);
});

it("lets a key expire after some days, or never", () => {
  expect(expiryAfter(30, NOW)).toBe("2026-03-31T12:00:00.000Z");
  expect(expiryAfter(null, NOW)).toBeNull();
});
