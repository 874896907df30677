import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { manPage } from "../../src/cli/man-page.js";
import { COMMAND_NAMES } from "../../src/cli/option-definition.js";
import { optionsOf } from "../../src/cli/option-table.js";

const root = new URL("../../../", import.meta.url);

test("the built manual page is that of the tables, and where package.json says", () => {
  const { man } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { man: string };
  assert.equal(readFileSync(new URL(man, root), "utf8"), manPage());
});

test("the manual page names every command and option", () => {
  const page = manPage();
  for (const name of COMMAND_NAMES) {
    assert.ok(page.includes(`\n.SS "${name}`), name);
    for (const option of optionsOf(name)) {
      assert.ok(page.includes(`\\fB\\-\\-${option.name.replaceAll("-", "\\-")}`), option.name);
    }
  }
});

const groff = spawnSync("groff", ["--version"], { stdio: "ignore" }).error === undefined;

test("groff has nothing to say against it", { skip: groff ? false : "there is no groff here" }, () => {
  const file = fileURLToPath(new URL("dist/man/gridparquet.1", root));
  const { status, stdout, stderr } = spawnSync("groff", ["-man", "-ww", "-Tascii", "-P-cbou", file], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(stdout, /convert INPUT\.\.\. --out DIR/);
});
