import {
  type CompletedOption,
  type CompletionModel,
  optionsWithValues,
  type Values,
} from "./completion-model.js";

/** A script that completes in zsh, with the sentence of each command and option. */
export function zshScript(model: CompletionModel): string {
  const cases = optionsWithValues(model).map(({ flags, commands, takes, values }) => {
    const patterns = commands.flatMap((command) => flags.map((flag) => `${command}:${flag}`));
    return `    (${patterns.join("|")})\n      takes=${takes} ${assignments(values)} ;;`;
  });
  const operands = model.commands.map(({ name, operand }) => `    (${name}) ${assignments(operand)} ;;`);
  const flags = model.commands.map(
    ({ name, options }) => `    (${name})\n      described=(\n${described(options)}\n      ) ;;`,
  );
  const commands = model.commands.map(({ name, summary }) => `    ${description(name, summary)}`);
  return `#compdef gridparquet
# Completion of gridparquet for zsh. Load it with: source <(gridparquet completion zsh)

# COMMAND FLAG: what the flag takes
_gridparquet_option() {
  takes=nothing choices=() paths=none
  case $1:$2 in
${cases.join("\n")}
  esac
}

_gridparquet_operand() {
  choices=() paths=none
  case $1 in
${operands.join("\n")}
  esac
}

_gridparquet_commands() {
  local -a described
  described=(
${commands.join("\n")}
  )
  _describe -t commands command described
}

_gridparquet_flags() {
  local -a described
  case $1 in
    ('')
      described=(
${described(model.options)}
      ) ;;
${flags.join("\n")}
  esac
  _describe -t options option described
}

_gridparquet() {
  local command= takes=nothing paths=none word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in
      (--*=*) takes=nothing ;;
      (-*) _gridparquet_option "$command" "$word" ;;
      (*)
        if [[ -z $command ]]; then command=$word; fi
        if [[ $takes == one ]]; then takes=nothing; fi
        ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    _gridparquet_option "$command" "\${PREFIX%%=*}"
    compset -P '*='
  elif [[ $PREFIX == -* ]]; then
    _gridparquet_flags "$command"
    return
  elif [[ $takes == nothing ]]; then
    if [[ -z $command ]]; then
      _gridparquet_commands
      return
    fi
    _gridparquet_operand "$command"
  elif [[ $takes == several && $paths == none ]]; then
    # an input may follow a list
    (( \${#choices} )) && compadd -a choices && return
    _gridparquet_operand "$command"
  fi
  (( \${#choices} )) && compadd -a choices && return
  case $paths in
    (files) _files ;;
    (folders) _files -/ ;;
    (*) return 1 ;;
  esac
}

if [[ \${funcstack[1]-} == _gridparquet ]]; then
  _gridparquet "$@"
else
  compdef _gridparquet gridparquet
fi
`;
}

function described(options: readonly CompletedOption[]): string {
  const lines = options.map(({ flags, summary }) => description(flags[0]!, summary));
  return lines.map((line) => `        ${line}`).join("\n");
}

function assignments({ words, paths }: Values): string {
  return `choices=(${words.join(" ")}) paths=${paths}`;
}

/** `'--out:Output folder'`: a colon ends the name. */
function description(name: string, summary: string): string {
  return `'${name}:${summary.replaceAll("\\", "\\\\").replaceAll(":", "\\:").replaceAll("'", "'\\''")}'`;
}
