import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

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
