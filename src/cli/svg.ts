type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element as text. Attributes are escaped; children are elements, or text that {@link escapeXml} has seen. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(attributeText(value))}"`,
  );
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** A line of text whose left end, middle or right end is at the point. */
export function label(
  text: string,
  x: number,
  y: number,
  anchor: "start" | "middle" | "end",
  more: Attributes = {},
): string {
  return element("text", { x, y, "text-anchor": anchor, ...more }, escapeXml(text));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as XML; control characters, which XML cannot hold, become spaces. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, " ")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** A hundredth of a pixel is enough. */
function attributeText(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
}
