import assert from "node:assert/strict";
import { test } from "node:test";
import { compileProgram, normaliseHeader } from "../../src/csv/decode-program.js";
import { DA_HOURLY, PRODUCTS } from "../helpers/feeds.js";
import { forSeeds } from "../helpers/random.js";

const PJM_HEADER =
  "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone," +
  "system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr";

test("PJM's own order of columns becomes three kinds of steps", () => {
  const { steps, fields } = compileProgram(DA_HOURLY, PJM_HEADER.split(","));
  assert.deepEqual(steps, [
    { kind: "context", from: 0, to: 2 },
    { kind: "entity", from: 2, to: 8 },
    { kind: "decimal", from: 8, to: 9 },
    { kind: "decimal", from: 9, to: 10 },
    { kind: "decimal", from: 10, to: 11 },
    { kind: "decimal", from: 11, to: 12 },
    { kind: "context", from: 12, to: 14 },
  ]);
  assert.deepEqual(
    fields.map(({ use }) => use),
    ["interval", "skip", ...Array(3).fill("entity"), "skip", ...Array(2).fill("entity")]
      .concat(Array(4).fill("decimal"))
      .concat(["skip", "integer"]),
  );
  assert.deepEqual(fields[5], { use: "skip", descriptive: true });
  assert.deepEqual(fields[9], { use: "decimal", index: 0, required: true });
  assert.deepEqual(fields[8], { use: "decimal", index: 1, required: false });
});

test("a field that is not used joins the entity beside it only when it describes it", () => {
  const kinds = (header: string[]) => compileProgram(PRODUCTS, header).steps.map(({ kind }) => kind);
  const rest = ["begin", "standard", "region", "price", "mw"];
  assert.deepEqual(kinds(["product", "note", ...rest]), [
    "entity",
    "context",
    "entity",
    "decimal",
    "decimal",
  ]);
  assert.deepEqual(kinds(["product", ...rest, "comment"]).at(-1), "skip");
  assert.deepEqual(kinds(["product", "comment", ...rest]), [
    "entity",
    "context",
    "entity",
    "decimal",
    "decimal",
  ]);
  assert.equal(compileProgram(PRODUCTS, ["product", "note", ...rest]).steps[0]!.to, 2);
  assert.equal(compileProgram(PRODUCTS, ["product", "comment", ...rest]).steps[0]!.to, 1);
  assert.equal(
    compileProgram(PRODUCTS, ["note", "product", ...rest]).steps[0]!.to,
    2,
    "it joins what follows",
  );
  const apart = ["note", "comment", "begin", "product", ...rest.slice(1)];
  assert.deepEqual(kinds(apart).slice(0, 3), ["skip", "context", "entity"]);
  assert.equal(
    compileProgram(PRODUCTS, apart).steps[0]!.to,
    2,
    "what stands apart takes others that are not used",
  );
});

test("in any order the steps cover each field once and never mix what they are for", () => {
  forSeeds(200, (random) => {
    const feed = random.pick([DA_HOURLY, PRODUCTS]);
    const extra = ["equipment", "note", "a", "b"].filter(() => random.chance(0.5));
    const header = random.shuffle([...feed.columns.map(({ from }) => from), ...extra]);
    const { steps, fields } = compileProgram(feed, header);
    assert.equal(steps[0]!.from, 0);
    assert.equal(steps.at(-1)!.to, header.length);
    for (const [index, step] of steps.entries()) {
      if (index > 0) assert.equal(step.from, steps[index - 1]!.to);
      const uses = fields.slice(step.from, step.to).map(({ use }) => use);
      if (step.kind === "decimal") assert.deepEqual(uses, ["decimal"]);
      if (step.kind === "entity") assert.ok(uses.every((use) => use === "entity" || use === "skip"));
      if (step.kind === "context") assert.ok(uses.every((use) => use !== "entity" && use !== "decimal"));
      if (step.kind === "context") assert.ok(uses.some((use) => use !== "skip"));
      if (step.kind === "skip") assert.ok(uses.every((use) => use === "skip"));
    }
    assert.equal(fields.filter(({ use }) => use !== "skip").length, feed.columns.length);
  });
});

test("headers are compared without case and surrounding spaces", () => {
  assert.equal(normaliseHeader("  Total_LMP_da\t"), "total lmp da");
  const header = PJM_HEADER.split(",").map((name) => ` ${name.toUpperCase()} `);
  const { fields } = compileProgram(DA_HOURLY, header);
  assert.deepEqual(fields, compileProgram(DA_HOURLY, PJM_HEADER.split(",")).fields);
});
