import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readAll } from "./helpers.js";

const root = process.env.GRIDPARQUET_REAL_DATA;

test("every archive that the ISOs published can be read", {
  skip: root === undefined && "GRIDPARQUET_REAL_DATA is not set",
}, async (t) => {
  const names = readdirSync(root!, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(zip|gz)$/i.test(name),
  );
  let entries = 0;
  let total = 0;
  for (const name of names) {
    const { listing, contents } = await readAll(join(root!, name));
    assert.deepEqual(listing.refused, [], name);
    assert.ok(listing.entries.length > 0, name);
    for (const { entry, bytes, gzip } of listing.entries) {
      const content = contents.get(entry.join("/"));
      assert.ok(content instanceof Buffer, `${name}: ${content}`);
      if (!gzip) assert.equal(content.length, bytes, name);
      entries++;
      total += content.length;
    }
  }
  t.diagnostic(`${names.length} archives, ${entries} entries, ${total} bytes`);
});
