import assert from "node:assert/strict";
import { test } from "node:test";
import { dateReader, timestampReader } from "../../src/csv/parse-timestamp.js";
import { TIMESTAMP_FORMS, type TimestampForm } from "../../src/feeds/feed-definition.js";
import { forSeeds, type Random } from "../helpers/random.js";

/** The two forms of PJM. */
const BOTH: readonly TimestampForm[] = ["M/D/YYYY h:mm:ss AM", "YYYY-MM-DDTHH:mm:ss"];
const readBoth = timestampReader(BOTH);

/** Reads a text that lies between digits and spaces of other cells. */
function read(text: string, reader = readBoth): number {
  const bytes = Buffer.from(`2025 ${text} 2025`);
  return reader(bytes, 5, bytes.length - 5);
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** The same instant in every spelling that the two forms allow. */
function spellings(instant: number, random: Random): string[] {
  const date = new Date(instant);
  const loose = (value: number) => (random.chance(0.5) ? String(value) : pad(value));
  const hour = date.getUTCHours();
  const half = random.pick(hour < 12 ? ["AM", "am", "Am"] : ["PM", "pm", "pM"]);
  const day = `${loose(date.getUTCMonth() + 1)}/${loose(date.getUTCDate())}/${pad(date.getUTCFullYear(), 4)}`;
  const rest = `${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
  const iso = date.toISOString().slice(0, 19);
  return [`${day} ${loose(hour % 12 || 12)}:${rest} ${half}`, iso, `${iso}.0`, `${iso}.000`];
}

test("both forms are read as the instant that Date makes of them", () => {
  const from = Date.UTC(1990, 0, 1) / 1000;
  const to = Date.UTC(2101, 0, 1) / 1000;
  forSeeds(2000, (random) => {
    const instant = random.int(from, to) * 1000;
    for (const text of spellings(instant, random)) assert.equal(read(text), instant, text);
  });
});

test("each hour of the day is read in the form with AM and PM", () => {
  for (let hour = 0; hour < 24; hour++) {
    const text = `6/1/2024 ${hour % 12 || 12}:05:09 ${hour < 12 ? "AM" : "PM"}`;
    assert.equal(read(text), Date.UTC(2024, 5, 1, hour, 5, 9), text);
  }
});

test("leap days are read where there are any", () => {
  for (const year of [2000, 2004, 2024, 2400]) {
    assert.equal(read(`2/29/${year} 1:00:00 AM`), Date.UTC(year, 1, 29, 1));
    assert.equal(read(`${year}-02-29T01:00:00`), Date.UTC(year, 1, 29, 1));
  }
  for (const year of [1900, 2023, 2025, 2100]) {
    assert.equal(read(`2/29/${year} 1:00:00 AM`), Number.NaN, String(year));
    assert.equal(read(`${year}-02-29T01:00:00`), Number.NaN, String(year));
  }
});

test("there are no such days and times", () => {
  const days = ["2/30/2024", "4/31/2024", "0/1/2024", "13/1/2024", "1/0/2024", "1/32/2024", "00/00/0000"];
  for (const day of days) assert.equal(read(`${day} 1:00:00 AM`), Number.NaN, day);
  for (const time of ["13:00:00 AM", "0:00:00 AM", "25:00:00 PM", "1:60:00 AM", "1:00:60 AM", "12:61:00 PM"])
    assert.equal(read(`1/1/2024 ${time}`), Number.NaN, time);
  for (const text of ["2024-02-30T00:00:00", "2024-13-01T00:00:00", "2024-00-10T00:00:00"])
    assert.equal(read(text), Number.NaN, text);
  for (const time of ["24:00:00", "25:00:00", "23:60:00", "23:59:60"])
    assert.equal(read(`2024-01-01T${time}`), Number.NaN, time);
});

test("cells that are almost a time are refused", () => {
  const refused = ["", "1/1/2024", "1/1/2024 ", "1/1/24 1:00:00 AM", "1/1/2024 1:00 AM", "1/1/2024 1:00:00"];
  refused.push("1/1/2024 1:00:00 XM", "1/1/2024 1:00:00 AX", "1/1/2024  1:00:00 AM", "1/1/2024 1:00:00AM");
  refused.push("1-1-2024 1:00:00 AM", "1/1/2024 001:00:00 AM", "001/1/2024 1:00:00 AM", "/1/2024 1:00:00 AM");
  refused.push("1/1/2024 1:0:00 AM", "1/1/2024 1:00:00 AM ", "1/1/2024 1:00:00 AM1", "a/1/2024 1:00:00 AM");
  refused.push(
    "2024-01-01",
    "2024-01-01 01:00:00",
    "2024-01-01T01:00",
    "2024-01-01T01:00:00Z",
    "2024-1-1T01:00:00",
  );
  refused.push(
    "2024-01-01T01:00:00.",
    "2024-01-01T01:00:00.5",
    "2024-01-01T01:00:00.001",
    "2024-01-01T1:00:00",
  );
  refused.push(
    "2024-01-01T01:00:00-05:00",
    "2024-01-01T01:00:00.00x",
    "-024-01-01T01:00:00",
    "20240101T010000",
  );
  for (const text of refused) assert.equal(read(text), Number.NaN, JSON.stringify(text));
});

test("a reader of one form refuses the other", () => {
  const twelve = timestampReader(["M/D/YYYY h:mm:ss AM"]);
  const iso = timestampReader(["YYYY-MM-DDTHH:mm:ss"]);
  assert.equal(read("1/1/2024 1:00:00 AM", twelve), Date.UTC(2024, 0, 1, 1));
  assert.equal(read("1/1/2024 1:00:00 AM", iso), Number.NaN);
  assert.equal(read("2024-01-01T01:00:00", iso), Date.UTC(2024, 0, 1, 1));
  assert.equal(read("2024-01-01T01:00:00", twelve), Number.NaN);
});

test("a reader of both follows a file that changes its form", () => {
  const reader = timestampReader(BOTH);
  for (let i = 0; i < 20; i++) {
    const hour = pad(i % 24);
    assert.equal(read(`2024-01-01T${hour}:00:00`, reader), Date.UTC(2024, 0, 1, i));
    assert.equal(read("nonsense", reader), Number.NaN);
    assert.equal(read("1/1/2024 12:00:00 AM", reader), Date.UTC(2024, 0, 1));
  }
});

test("one changed character never makes a time of something else", () => {
  forSeeds(300, (random) => {
    const instant = random.int(Date.UTC(2000, 0, 1) / 1000, Date.UTC(2030, 0, 1) / 1000) * 1000;
    const [text] = spellings(instant, random);
    const at = random.int(0, text!.length - 1);
    const changed = text!.slice(0, at) + random.pick([..."x:/ -T,\0é"]) + text!.slice(at + 1);
    const value = read(changed);
    assert.ok(Number.isNaN(value) || changed === text, `${text} became ${changed}`);
  });
});

/** An instant in every spelling of each form; an offset is taken off, so that all of them are the same time. */
function spellingsByForm(instant: number, random: Random): Record<TimestampForm, string> {
  const [twelve, iso] = spellings(instant, random);
  const day = twelve!.split(" ")[0]!;
  const hour = new Date(instant).getUTCHours();
  const loose = random.chance(0.5) ? String(hour) : pad(hour);
  const offset = random.pick([0, -300, -360, 330, -0]);
  const wall = new Date(instant + offset * 60_000).toISOString();
  const sign = offset < 0 || Object.is(offset, -0) ? "-" : "+";
  const minutes = Math.abs(offset);
  const shown = `${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  return {
    "M/D/YYYY h:mm:ss AM": twelve!,
    "YYYY-MM-DDTHH:mm:ss": iso!,
    "M/D/YYYY H:mm:ss": `${day} ${loose}:${iso!.slice(14)}`,
    "M/D/YYYY H:mm": `${day} ${loose}:${iso!.slice(14, 16)}`,
    "YYYY-MM-DDTHH:mm:ss±HH:mm": wall.slice(0, 19) + shown,
    "YYYY-MM-DD HH:mm:ss±HH:mm": wall.slice(0, 19).replace("T", " ") + shown,
  };
}

test("each form is read by its own reader and refused by all others", () => {
  forSeeds(200, (random) => {
    const instant = random.int(Date.UTC(1995, 0, 1) / 60_000, Date.UTC(2050, 0, 1) / 60_000) * 60_000;
    const texts = spellingsByForm(instant, random);
    assert.deepEqual(Object.keys(texts).sort(), [...TIMESTAMP_FORMS].sort());
    for (const form of TIMESTAMP_FORMS) {
      for (const other of TIMESTAMP_FORMS) {
        const expected = form === other ? instant : Number.NaN;
        assert.equal(read(texts[form], timestampReader([other])), expected, `${texts[form]} as ${other}`);
      }
      assert.equal(read(texts[form], timestampReader(TIMESTAMP_FORMS)), instant, texts[form]);
    }
  });
});

test("no form takes a cell that is almost a time, or has an hour that no clock shows", () => {
  const refused = [
    "1/1/2024 24:00",
    "1/1/2024 24:00:00",
    "1/1/2024 1:60",
    "1/1/2024 1:0",
    "1/1/2024 01:00:0",
  ];
  refused.push("1/1/2024 001:00", "1/1/2024  1:00", "1/1/2024 1:00 ", "13/1/2024 1:00", "2/30/2024 1:00");
  refused.push("2024-01-01T24:00:00-00:00", "2024-01-01T01:00:00-0500", "2024-01-01T01:00:00Z");
  refused.push("2024-01-01 01:00:00", "2024-01-01 01:00:00 05:00", "2024-02-30 01:00:00-05:00");
  for (const text of refused) assert.equal(read(text, timestampReader(TIMESTAMP_FORMS)), Number.NaN, text);
});

test("dates of both forms are days since 1970, and days that do not exist are refused", () => {
  const both = dateReader(["M/D/YYYY", "YYYY-MM-DD"]);
  for (const text of ["2/29/2024", "02/29/2024", "2024-02-29"])
    assert.equal(read(text, both), Date.UTC(2024, 1, 29) / 86_400_000, text);
  assert.equal(read("2024-02-29", dateReader(["M/D/YYYY"])), Number.NaN);
  assert.equal(read("2/29/2024", dateReader(["YYYY-MM-DD"])), Number.NaN);
  for (const text of [
    "",
    "2/29/2023",
    "2023-02-29",
    "2/29/24",
    "13/1/2024",
    "2024-1-1",
    "1/1/2024 ",
    "1/1/2024 1:00",
  ])
    assert.equal(read(text, both), Number.NaN, text);
});
