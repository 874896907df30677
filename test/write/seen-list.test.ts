import assert from "node:assert/strict";
import { test } from "node:test";
import type { TableName } from "../../src/arrow/tables.js";
import { mergeSeen, parseSeen, type SeenEntry, type SeenFeed, seenText } from "../../src/write/seen-list.js";
import { forSeeds, type Random } from "../helpers/random.js";

function entry(values: SeenEntry["values"], firstDay: string, lastDay = firstDay): SeenEntry {
  return { values, firstDay, lastDay };
}

const A = entry(["A", 1, "HUB", null, null], "2024-05-01", "2024-05-09");

function randomFeeds(random: Random, table: TableName): SeenFeed[] {
  const day = () => `2024-0${random.int(1, 9)}-1${random.int(0, 9)}`;
  const names = random.shuffle(["da_hourly", "rt_hourly", "rt_5min"]).slice(0, random.int(0, 3));
  return names.map((feed) => {
    const entries = new Map<string, SeenEntry>();
    for (let i = random.int(0, 12); i > 0; i--) {
      const name = random.pick(["A", "b", 'the "old" bus', "Łódź 😀", "a,b", "\u{ffee}", "x\\y"]);
      const [firstDay, lastDay] = [day(), day()].sort();
      const values =
        table === "energy"
          ? [
              name,
              random.pick([null, 2, 10, 51288]),
              random.pick([null, "HUB"]),
              null,
              random.pick([null, 13.8]),
            ]
          : [name, random.pick([null, "SPIN"]), random.pick([null, "WEST"])];
      entries.set(JSON.stringify(values), entry(values, firstDay!, lastDay));
    }
    return { feed, market: "DA", entries: [...entries.values()] };
  });
}

test("what is written is read back, and its bytes do not depend on the order in which it was seen", () => {
  forSeeds(100, (random) => {
    const table = random.pick(["energy", "ancillary"] as const);
    const feeds = randomFeeds(random, table);
    const text = seenText({ iso: "PJM", table, feeds });
    const read = parseSeen(text, "PJM", table);
    assert.ok(typeof read !== "string", String(read));
    assert.equal(seenText({ iso: "PJM", table, feeds: read }), text);
    assert.deepEqual(mergeSeen(read, []), mergeSeen(read, read));
    const shuffled = random
      .shuffle(feeds)
      .map((feed) => ({ ...feed, entries: random.shuffle(feed.entries) }));
    assert.equal(seenText({ iso: "PJM", table, feeds: shuffled }), text);
    JSON.parse(text);
  });
});

test("the text: feeds by name, entries by name and id, an entry a line with the columns' names", () => {
  const entries = [
    entry(["B", 10, "HUB", null, null], "2024-01-01"),
    entry(["B", 9, "HUB", "W", 138], "2024-01-01"),
    A,
  ];
  const text = seenText({
    iso: "PJM",
    table: "energy",
    feeds: [
      { feed: "rt_hourly", market: "RT", entries: [] },
      { feed: "da_hourly", market: "DA", entries },
    ],
  });
  assert.equal(
    text,
    `{
  "schema_version": "1",
  "iso": "PJM",
  "table": "energy",
  "feeds": [
    {
      "feed": "da_hourly",
      "market": "DA",
      "locations": [
        {"location":"A","location_id":1,"location_type":"HUB","zone":null,"voltage_kv":null,"first_day":"2024-05-01","last_day":"2024-05-09"},
        {"location":"B","location_id":9,"location_type":"HUB","zone":"W","voltage_kv":138,"first_day":"2024-01-01","last_day":"2024-01-01"},
        {"location":"B","location_id":10,"location_type":"HUB","zone":null,"voltage_kv":null,"first_day":"2024-01-01","last_day":"2024-01-01"}
      ]
    },
    {
      "feed": "rt_hourly",
      "market": "RT",
      "locations": []
    }
  ]
}
`,
  );
});

test("merging widens days, and keeps feeds and entries that only one of the lists has", () => {
  const earlier: SeenFeed[] = [
    { feed: "da_hourly", market: "DA", entries: [A, entry(["B", null, null, null, null], "2020-01-01")] },
    { feed: "old", market: "RT", entries: [A] },
  ];
  const later: SeenFeed[] = [
    {
      feed: "da_hourly",
      market: "DA",
      entries: [
        entry(A.values, "2024-05-03", "2025-01-01"),
        // Another zone is another description.
        entry(["A", 1, "HUB", "WEST", null], "2025-01-02"),
      ],
    },
    { feed: "new", market: "DA", entries: [] },
  ];
  assert.deepEqual(mergeSeen(earlier, later), [
    {
      feed: "da_hourly",
      market: "DA",
      entries: [
        entry(A.values, "2024-05-01", "2025-01-01"),
        entry(["B", null, null, null, null], "2020-01-01"),
        entry(["A", 1, "HUB", "WEST", null], "2025-01-02"),
      ],
    },
    { feed: "old", market: "RT", entries: [A] },
    { feed: "new", market: "DA", entries: [] },
  ]);
});

test("a list that is damaged, of another version or of something else is said to be so", () => {
  const text = seenText({ iso: "PJM", table: "energy", feeds: [{ feed: "f", market: "DA", entries: [A] }] });
  const reason = (damaged: string, iso = "PJM", table: TableName = "energy"): string => {
    const read = parseSeen(damaged, iso, table);
    assert.ok(typeof read === "string", damaged);
    return read;
  };
  assert.equal(reason(""), "is not JSON");
  assert.equal(reason(text.slice(0, -20)), "is not JSON");
  assert.equal(reason("[]"), "is not a list of what was seen");
  assert.equal(reason("null"), "is not a list of what was seen");
  assert.equal(reason(text.replace('"1"', '"2"')), "is of another version");
  assert.equal(reason(text, "CAISO"), "is not a list of locations of CAISO");
  assert.equal(reason(text, "PJM", "ancillary"), "is not a list of products of PJM");
  for (const [from, to] of [
    ['"location_id":1', '"location_id":"1"'],
    ['"location":"A"', '"location":null'],
    ['"zone":null,', ""],
    ["2024-05-01", "yesterday"],
    ['"market": "DA"', '"market": 1'],
    ['"locations"', '"places"'],
  ] as const) {
    assert.ok(text.includes(from), from);
    assert.equal(reason(text.replace(from, to)), "has an entry that is not understood", from);
  }
});
