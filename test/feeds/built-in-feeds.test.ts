import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { feedDefinitions } from "../../src/feeds/built-in-feeds.js";
import { COMPILED } from "../../src/feeds/built-in-files.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";

test("what the build has written is what the YAML says", async () => {
  const fromYaml = loadFeeds();
  assert.ok(fromYaml.length > 30);
  assert.deepEqual(JSON.parse(readFileSync(COMPILED, "utf8")), fromYaml);
  assert.deepEqual(await feedDefinitions(), fromYaml);
});
