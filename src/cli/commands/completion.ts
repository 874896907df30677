import { EXIT, GridparquetError } from "../../errors.js";
import { bashScript } from "../completion/bash-script.js";
import { type CompletionModel, completionModel } from "../completion/completion-model.js";
import { fishScript } from "../completion/fish-script.js";
import { SHELLS, type Shell } from "../completion/shells.js";
import { zshScript } from "../completion/zsh-script.js";
import type { RawArguments } from "../parse-arguments.js";
import { printable } from "../printable.js";
import type { Surroundings } from "../resolve-options.js";
import type { Streams } from "../streams.js";
import { closest } from "../suggest.js";

const SCRIPTS: Readonly<Record<Shell, (model: CompletionModel) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/**
 * `gridparquet completion SHELL`: prints the script. Neither environment nor configuration file is looked at, since a
 * mistake in them must not spoil the start of a shell.
 *
 * @throws GridparquetError `usage`
 */
export async function completionCommand(
  { inputs }: RawArguments,
  { loadFeeds }: Pick<Surroundings, "loadFeeds">,
  { stdout }: Streams,
): Promise<number> {
  const [word, ...more] = inputs;
  const shell = SHELLS.find((name) => name === word);
  if (shell === undefined || more.length > 0) {
    const problem =
      word === undefined
        ? "no shell given"
        : shell === undefined
          ? `there is no completion for '${printable(word)}'`
          : "one shell at a time";
    const meant = word === undefined || shell !== undefined ? undefined : closest(word, SHELLS);
    const type = `Type: gridparquet completion ${meant ?? SHELLS.join("|")}`;
    throw new GridparquetError("usage", problem, { hint: type });
  }
  stdout.write(SCRIPTS[shell](completionModel(await loadFeeds())));
  return EXIT.complete;
}
