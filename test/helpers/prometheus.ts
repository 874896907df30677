import assert from "node:assert/strict";

/**
 * The samples of a text in Prometheus' format by name and labels, every line checked: each family has its HELP and TYPE
 * before its samples, and stands in one place.
 */
export function samplesOf(text: string): Map<string, number> {
  assert.ok(text.endsWith("\n"));
  const samples = new Map<string, number>();
  const families = new Set<string>();
  let family = { name: "", type: "" };
  let helped = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, comment, about, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (comment === "HELP") {
      assert.ok(!families.has(about!), `${about} stands in two places`);
      families.add(about!);
      helped = about!;
    } else if (comment === "TYPE") {
      assert.equal(about, helped);
      assert.match(rest!, /^(counter|gauge|histogram)$/);
      family = { name: about!, type: rest! };
      if (rest === "counter") assert.match(about!, /_total$/);
      else assert.doesNotMatch(about!, /_total$/);
    } else {
      const [, key, name, value] =
        /^(([a-zA-Z_:][\w:]*)(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\S+)$/.exec(line) ?? [];
      assert.ok(key !== undefined, `not a sample: ${line}`);
      const base = family.type === "histogram" ? name!.replace(/_(bucket|sum|count)$/, "") : name;
      assert.equal(base, family.name, line);
      assert.ok(Number.isFinite(Number(value)), line);
      assert.ok(!samples.has(key), `${key} is there twice`);
      samples.set(key, Number(value));
    }
  }
  return samples;
}
