import type { CompletedCommand, CompletedOption, CompletionModel, Values } from "./completion-model.js";

/** A script that completes in fish, with the sentence of each command and option. */
export function fishScript(model: CompletionModel): string {
  const beforeCommand = model.options.map(
    (option) => `${START} -n __fish_use_subcommand ${optionArguments(option)}`,
  );
  const names = model.commands.map(
    ({ name, summary }) => `${START} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  );
  return `# Completion of gridparquet for fish. Load it with: gridparquet completion fish | source

# whether the cursor is in the list that one of the flags after the command $argv[1] takes
function __gridparquet_list
    __fish_seen_subcommand_from $argv[1]; or return 1
    for word in (commandline -opc)[-1..1]
        string match -q -- '-*' $word; or continue
        contains -- $word $argv[2..]
        return
    end
    return 1
end

complete -c gridparquet -e
complete -c gridparquet -f
${[...names, ...beforeCommand, ...model.commands.flatMap(commandLines)].join("\n")}
`;
}

const START = "complete -c gridparquet";

function commandLines({ name, operand, options }: CompletedCommand): string[] {
  const after = `-n '__fish_seen_subcommand_from ${name}'`;
  const lists = options.filter(({ takes, values }) => takes === "several" && values.words.length > 0);
  return [
    ...(operand.words.length > 0 || operand.paths !== "none"
      ? [`${START} ${after} ${valueArguments(operand)}`]
      : []),
    ...options.map((option) => `${START} ${after} ${optionArguments(option)}`),
    ...lists.map(
      ({ flags, values }) =>
        `${START} -n '__gridparquet_list ${name} ${flags.join(" ")}' ${valueArguments(values)}`,
    ),
  ];
}

function optionArguments({ flags, summary, takes, values }: CompletedOption): string {
  const long = flags.map((flag) => `-l ${flag.slice(2)}`).join(" ");
  const value = takes === "nothing" ? "" : ` -r ${valueArguments(values)}`;
  return `${long}${value} -d ${quoted(summary)}`;
}

function valueArguments({ words, paths }: Values): string {
  if (words.length > 0) return `-f -a '${words.join(" ")}'`;
  if (paths === "folders") return "-f -a '(__fish_complete_directories)'";
  return paths === "files" ? "-F" : "-f";
}

/** In single quotes fish knows `\\` and `\'` alone. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
