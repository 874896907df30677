import { describe } from "./help-text.js";
import { environmentVariable, optionsOf, optionTerm } from "./option-table.js";

/**
 * The options of `convert` as a Markdown table, for the README.
 *
 * @returns lines joined by line feeds, with one at the end
 */
export function optionsMarkdown(): string {
  const rows = optionsOf("convert").map((option) => [
    `\`${optionTerm(option)}\``,
    `\`${environmentVariable(option.name)}\``,
    describe(option).replaceAll("|", "\\|"),
  ]);
  const lines = [["Option", "Environment", "What it does"], ["-", "-", "-"], ...rows];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
