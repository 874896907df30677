import assert from "node:assert/strict";

/**
 * Checks that a text is one XML element, well-formed as far as a document without declarations, comments and CDATA can
 * be: tags nest, attributes are quoted and unique, entities are those that XML has.
 *
 * @returns the names of all elements in the order of their start tags
 */
export function elementsOf(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const text = xml.trimEnd();
  const tag = /<(\/?)([a-z][\w-]*)((?:\s+[a-zA-Z][\w:-]*="[^"<]*")*)\s*(\/?)>/gy;
  for (let at = 0; at < text.length; ) {
    tag.lastIndex = at;
    const found = tag.exec(text);
    if (found === null) {
      const end = text.indexOf("<", at);
      assert.ok(end > at && open.length > 0, `no tag and no text at ${at}: ${text.slice(at, at + 40)}`);
      checkText(text.slice(at, end));
      at = end;
      continue;
    }
    const [whole, closing, name, attributes, empty] = found as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (closing === "/") assert.equal(open.pop(), name);
    else {
      assert.ok(open.length > 0 || names.length === 0, "a second root");
      names.push(name);
      const keys = [...attributes.matchAll(/\s([\w:-]+)="/g)].map(([, key]) => key);
      assert.equal(new Set(keys).size, keys.length, whole);
      checkText(attributes);
      if (empty === "") open.push(name);
    }
    at += whole.length;
  }
  assert.deepEqual(open, []);
  return names;
}

function checkText(text: string): void {
  assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/);
  assert.doesNotMatch(text, /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
}
