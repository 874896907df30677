import { type CompletionModel, optionsWithValues, type Values } from "./completion-model.js";

/**
 * A script that completes in bash: from 3.2 on, which macOS has; from 4.0 on it also keeps files from where none belong.
 *
 * Nothing is run while completing: all words stand in the script.
 */
export function bashScript(model: CompletionModel): string {
  const cases = optionsWithValues(model).map(({ flags, commands, takes, values }) => {
    const patterns = commands.flatMap((command) => flags.map((flag) => `${command}:${flag}`));
    return `    ${patterns.join(" | ")})\n      takes=${takes} ${assignments(values)} ;;`;
  });
  const operands = model.commands.map(({ name, operand }) => `    ${name}) ${assignments(operand)} ;;`);
  const flags = model.commands.map(
    ({ name, options }) => `    ${name}) words='${options.map(({ flags }) => flags[0]).join(" ")}' ;;`,
  );
  const names = model.commands.map(({ name }) => name).join(" ");
  const before = model.options.map((option) => option.flags[0]).join(" ");
  return `# Completion of gridparquet for bash. Load it with: source <(gridparquet completion bash)

# COMMAND FLAG: what the flag takes
_gridparquet_option() {
  takes=nothing words='' paths=none
  case $1:$2 in
${cases.join("\n")}
  esac
}

_gridparquet_operand() {
  case $1 in
    '') words='${names}' ;;
${operands.join("\n")}
  esac
}

_gridparquet_flags() {
  takes=nothing paths=none
  case $1 in
    '') words='${before}' ;;
${flags.join("\n")}
  esac
}

_gridparquet() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' takes=nothing words='' paths=none i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      =) ;;
      -*) _gridparquet_option "$command" "\${COMP_WORDS[i]}" ;;
      *)
        if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; fi
        if [[ $takes == one ]]; then takes=nothing; fi
        ;;
    esac
  done
  # bash takes --iso=PJM for three words
  if [[ $current == '=' ]]; then current=''; fi
  if [[ $current == -* ]]; then
    _gridparquet_flags "$command"
  elif [[ $takes == nothing ]]; then
    words='' paths=none
    _gridparquet_operand "$command"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # where nothing is left bash completes paths by itself
  case $paths:$takes in
    folders:*) compopt -o dirnames +o default 2>/dev/null ;;
    none:one | none:nothing) compopt +o default 2>/dev/null ;;
  esac
}

complete -o default -F _gridparquet gridparquet
`;
}

function assignments({ words, paths }: Values): string {
  return `words='${words.join(" ")}' paths=${paths}`;
}
