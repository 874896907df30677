import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_RECORD_BYTES } from "../../src/csv/irregular-records.js";
import { MUCH_TROUBLE, randomCsv, type Trouble } from "../helpers/csv-files.js";
import { type Decoded, decodeFiles, decoderOf } from "../helpers/decode.js";
import { DA_HOURLY, PRODUCTS } from "../helpers/feeds.js";
import { Random } from "../helpers/random.js";

/*
 * However the bytes of a file arrive, the same comes of them.
 */

const TROUBLE: Trouble = { ...MUCH_TROUBLE, bytes: 0.08 };

/** What must not depend on how a file is read; the cut into batches may. */
function outcome({ counts, rows, rejects, bytes }: Decoded): unknown {
  return { counts, rows, rejects, bytes };
}

for (const [name, feed] of [
  ["PJM", DA_HOURLY],
  ["products", PRODUCTS],
] as const) {
  const file = randomCsv(new Random(name.length), feed, 18, TROUBLE);
  const bytes = Buffer.from(file.text, "latin1");

  test(`${name}: a file cut in two at every byte`, async () => {
    const decoder = decoderOf(feed, file.header);
    const whole = await decodeFiles(decoder, [{ bytes }]);
    assert.ok(whole.rows.length > 3 && whole.rejects.length > 2, "the file has rows and rejects");
    for (let cut = 1; cut < bytes.length; cut++) {
      const pieces = [cut, bytes.length - cut];
      const decoded = await decodeFiles(decoder, [{ bytes, sizes: () => pieces.shift() ?? 1 }]);
      if (JSON.stringify(outcome(decoded)) !== JSON.stringify(outcome(whole)))
        assert.deepEqual(outcome(decoded), outcome(whole), `cut at ${cut}`);
    }
  });

  test(`${name}: 1 to 64 bytes at a time, by the source and by the read size, in any chunk size`, async () => {
    const whole = outcome(await decodeFiles(decoderOf(feed, file.header), [{ bytes }]));
    for (let step = 1; step <= 64; step++) {
      const chunkSize = 1 + (step % 7) * 5;
      const slow = decoderOf(feed, file.header, { chunkSize });
      const bySource = await decodeFiles(slow, [{ bytes, sizes: () => step }]);
      assert.deepEqual(outcome(bySource), whole, `${step} bytes from the source`);
      const narrow = decoderOf(feed, file.header, { chunkSize, readSize: step });
      assert.deepEqual(outcome(await decodeFiles(narrow, [{ bytes }])), whole, `read size ${step}`);
    }
  });

  test(`${name}: a file that ends at every byte`, async () => {
    const random = new Random(3);
    const decoder = decoderOf(feed, file.header);
    for (let end = 0; end < bytes.length; end += 3) {
      const cut = bytes.subarray(0, end);
      const whole = await decodeFiles(decoder, [{ bytes: cut }]);
      const split = await decodeFiles(decoder, [{ bytes: cut, sizes: () => random.int(1, 50) }]);
      assert.deepEqual(outcome(split), outcome(whole), `ends at ${end}`);
      const { records, rows, rejected, filtered } = whole.counts[0]!;
      assert.equal(rows, records, `ends at ${end}`);
      assert.equal(records, whole.rows.length + rejected + filtered, `ends at ${end}`);
    }
  });
}

const HEADER = DA_HOURLY.columns.map(({ from }) => from).concat("equipment");

/** A record of {@link HEADER} whose unused last field is `more`. */
function record(hour: number, more = ""): string {
  const cells = [
    `2024-01-01T${String(hour).padStart(2, "0")}:00:00`,
    "1",
    "A",
    "",
    "HUB",
    "",
    "1",
    `${hour}`,
  ];
  return [...cells, "3", "4", "1", more].join(",");
}

/** Files with something that is larger than a record may be; how many rows and which rejects come of it. */
const HUGE: { name: string; text: string; rows: number; lines: [number, RegExp][] }[] = [
  {
    name: "a record of just the length that is allowed",
    text: `${record(1)}\n${record(2, "x".repeat(MAX_RECORD_BYTES - record(2).length - 1))}\n${record(3)}\n`,
    rows: 3,
    lines: [],
  },
  {
    name: "a record that is a byte too long",
    text: `${record(1)}\n${record(2, "x".repeat(MAX_RECORD_BYTES - record(2).length))}\n${record(3)}\n`,
    rows: 2,
    lines: [[3, /longer than/]],
  },
  {
    name: "a record of three megabytes",
    text: `${record(1)}\r\n${record(2, "x".repeat(3 << 20))}\r\n${record(3)}\r\n`,
    rows: 2,
    lines: [[3, /longer than/]],
  },
  {
    name: "a record of three megabytes at the end, without a line break",
    text: `${record(1)}\n${record(2, "x".repeat(3 << 20))}`,
    rows: 1,
    lines: [[3, /longer than/]],
  },
  {
    name: "a quoted field of a megabyte and a half with line breaks",
    text: `${record(1)}\n${record(2, `"${"x".repeat(99)}\n${"y,".repeat(750_000)}\n"`)}\n${record(3)}\n`,
    rows: 2,
    lines: [
      [3, /quote is opened and not closed/],
      [4, /longer than/],
      [5, /quote is opened and not closed/],
    ],
  },
  {
    name: "a quote that is never closed, with two megabytes behind it",
    text: `${record(1)}\n${record(2, '"x')}\n${`${record(3)}\n`.repeat(30_000)}`,
    rows: 30_001,
    lines: [[3, /quote is opened and not closed/]],
  },
  {
    name: "a quote that is closed two megabytes later",
    text: `${record(1)}\n${record(2, '"x')}\n${`${record(3)}\n`.repeat(30_000)}${record(4, 'y"')}\n${record(5)}\n`,
    rows: 30_002,
    lines: [
      [3, /quote is opened and not closed/],
      [30_004, /quote stands inside/],
    ],
  },
];

for (const { name, text, rows, lines } of HUGE) {
  test(`${name}: the same from every read size`, async () => {
    const bytes = Buffer.from(text);
    for (const readSize of [70_001, 1 << 20, (1 << 20) + 7, 4 << 20]) {
      const decoder = decoderOf(DA_HOURLY, HEADER, { readSize, chunkSize: 100_000 });
      const decoded = await decodeFiles(decoder, [{ bytes }]);
      const { records, rejected } = decoded.counts[0]!;
      const told = `read size ${readSize}`;
      assert.equal(records, decoded.rows.length + rejected, told);
      assert.equal(decoded.rows.length, rows, told);
      assert.deepEqual(
        decoded.rejects.map(({ line }) => line),
        lines.map(([line]) => line),
        told,
      );
      for (const [index, [, reason]] of lines.entries()) assert.match(decoded.rejects[index]!.reason, reason);
      assert.ok(decoded.rejects.every(({ raw }) => raw.length <= 65_536));
    }
  });
}
