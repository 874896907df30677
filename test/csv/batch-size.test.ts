import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileDecoder } from "../../src/csv/file-decoder.js";
import { decoderOf, sourceOf } from "../helpers/decode.js";
import { DA_HOURLY } from "../helpers/feeds.js";

/*
 * The sizes of batches: what is asked for again and again can be built in buffers that have been used before.
 */

const HEADER =
  "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr";

/** A day's file whose records are so many bytes long, give or take one. */
function dayFile(records: number, bytes: number): Uint8Array {
  const start = "1/1/2024 5:00:00 AM,1/1/2024 12:00:00 AM,";
  const end = ",,,ZONE,,20.5,20.5,0,0,True,1\n";
  const lines = Array.from({ length: records }, (_, record) => {
    const id = `${1_000_000 + record}`;
    const name = "N".repeat(bytes - start.length - id.length - 1 - end.length);
    return `${start}${id},${name}${end}`;
  });
  return Buffer.from(lines.join(""));
}

/** Decodes a file as a task of its own; returns the rooms that were asked for and the rows that came. */
async function decodeAlone(decoder: FileDecoder, bytes: Uint8Array, recordBytes?: number) {
  const rooms: number[] = [];
  let rows = 0;
  const sink = {
    admit: async (capacity: number) => {
      rooms.push(capacity);
      return { capacity, buffers: [] };
    },
    batch: (batch: { rows: number }) => {
      rows += batch.rows;
    },
    reject: () => assert.fail("no record is bad"),
    progress: () => undefined,
  };
  decoder.begin(sink, bytes.length, recordBytes);
  await decoder.decode(sourceOf(bytes), { fileIndex: 0, line: 2, day: null });
  decoder.finish();
  return { rooms, rows };
}

test("files that are a little longer or shorter than the one before ask for batches of the same size", async () => {
  const decoder = decoderOf(DA_HOURLY, HEADER.split(","), { chunkSize: 1000, readSize: 65_536 });
  const rooms = new Set<number>();
  await decodeAlone(decoder, dayFile(1340, 130), 130);
  for (const records of [1340, 1420, 1470, 1345, 1482, 1338, 1475]) {
    const decoded = await decodeAlone(decoder, dayFile(records, 130));
    assert.equal(decoded.rows, records);
    assert.equal(decoded.rooms.length, 2, "two batches for each file");
    for (const room of decoded.rooms) rooms.add(room);
  }
  // By itself, a file of 1,480 rows would ask for two times 875.
  assert.deepEqual([...rooms], [750]);
});

test("a file that needs larger batches than the one before gets them", async () => {
  const decoder = decoderOf(DA_HOURLY, HEADER.split(","), { chunkSize: 1000, readSize: 65_536 });
  assert.deepEqual((await decodeAlone(decoder, dayFile(1340, 130), 130)).rooms, [750, 750]);
  assert.deepEqual((await decodeAlone(decoder, dayFile(1800, 130))).rooms, [1000, 1000]);
  assert.deepEqual((await decodeAlone(decoder, dayFile(300, 130))).rooms, [375]);
});

test("the first batch is made for the records' length, where it is told", async () => {
  const of = async (recordBytes?: number) => {
    const decoder = decoderOf(DA_HOURLY, HEADER.split(","), { chunkSize: 1000, readSize: 65_536 });
    return (await decodeAlone(decoder, dayFile(600, 130), recordBytes)).rooms;
  };
  assert.deepEqual(await of(130), [750]);
  // Without it, records are taken to be short: nothing is cut that need not be.
  assert.deepEqual(await of(), [750]);
  assert.deepEqual(await of(260), [375, 375]);
});
