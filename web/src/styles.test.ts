import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" });
const modules = files.filter((name) => name.endsWith(".module.css"));
const read = (name: string) => readFileSync(join("src", name), "utf8");

const classesOf = (module: string) =>
  new Set([...read(module).matchAll(/\.([a-zA-Z]\w*)(?=[^{}]*\{)/g)].map(([, name = ""]) => name));

/** The classes that the app takes from each module. A look-up by a value takes them all. */
function used(): Map<string, Set<string>> {
  const found = new Map(modules.map((module) => [module, new Set<string>()]));
  for (const name of files.filter((one) => /\.tsx?$/.test(one))) {
    const text = read(name);
    for (const [, alias = "", path = ""] of text.matchAll(/import (\w+) from "([^"]+\.module\.css)"/g)) {
      const module = join(dirname(name), path);
      const names = [...text.matchAll(new RegExp(`(?<![/\\w.])${alias}\\.(\\w+)`, "g"))].map(([, one = ""]) => one);
      const all = text.includes(`${alias}[`) ? classesOf(module) : [];
      for (const one of [...names, ...all]) found.get(module)?.add(one);
    }
  }
  return found;
}

it.each([...used()])("%s has the classes that are used, and no others", (module, names) => {
  expect([...names].sort()).toEqual([...classesOf(module)].sort());
});
