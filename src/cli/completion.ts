/**
 * SHELL COMPLETION: scripts for bash, zsh and fish with every command and option, made from the commands themselves. They ask no
 * server, so they know no names of clients or accounts.
 */
import { Argument, type Command } from 'commander';

/** A command with what can follow it. */
interface Node {
  /** The commands that lead to it, such as `clients secrets`; empty for `writ` itself. */
  path: string;
  commands: { name: string; words: string }[];
  options: { flags: string[]; words: string; takesValue: boolean; choices: string[] }[];
  /** What its first argument can be. */
  choices: string[];
}

/** Adds `writ completion`. It comes last, since it describes all the others. */
export function completionCommand(program: Command, out: (text: string) => void): void {
  program
    .command('completion')
    .description('print the completion of commands and options for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
Examples:
  writ completion bash > ~/.local/share/bash-completion/completions/writ
  writ completion zsh > "\${fpath[1]}/_writ"
  writ completion fish > ~/.config/fish/completions/writ.fish`,
    )
    .action((shell: keyof typeof scripts) => out(scripts[shell](nodesOf(program))));
}

function nodesOf(command: Command, path: string[] = [], inherited: Command[] = []): Node[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const all = [command, ...inherited].flatMap((each) => help.visibleOptions(each));
  const node: Node = {
    path: path.join(' '),
    commands: subcommands.flatMap((each) =>
      [each.name(), ...each.aliases()].map((name) => ({ name, words: each.description() })),
    ),
    options: all.map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      words: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [
    node,
    ...subcommands.flatMap((each) =>
      [each.name(), ...each.aliases()].flatMap((name) =>
        nodesOf(each, [...path, name], [command, ...inherited]),
      ),
    ),
  ];
}

/** A text in single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const unique = (words: string[]): string[] => [...new Set(words)];

/** The lines of a `case` over the paths, for a shell of the family of sh. */
function cases(nodes: readonly Node[]): string {
  return nodes
    .map(({ path, commands, options, choices }) => {
      const words = [...commands.map(({ name }) => name), ...choices];
      const flags = options.flatMap((option) => option.flags);
      const taking = options.filter(({ takesValue }) => takesValue).flatMap((each) => each.flags);
      return `    ${quoted(path)}) offers=${quoted(unique(words).join(' '))} flags=${quoted(unique(flags).join(' '))} taking=${quoted(unique(taking).join(' '))} ;;`;
    })
    .join('\n');
}

/** The lines of a `case` over options with a choice of values. */
const choiceCases = (nodes: readonly Node[]): string =>
  unique(
    nodes.flatMap(({ path, options }) =>
      options
        .filter(({ choices }) => choices.length > 0)
        .map(
          ({ flags, choices }) =>
            `    ${flags.map((flag) => quoted(`${path} ${flag}`)).join('|')}) values=${quoted(choices.join(' '))} ;;`,
        ),
    ),
  ).join('\n');

/**
 * What bash and zsh share: reads the words before the cursor, follows the commands among them, and sets `offers`, `flags` and
 * `taking` of the last one; `before` is the option whose value comes next, and `values` are its choices.
 */
const walk = (nodes: readonly Node[]): string => `_writ_at() {
  case "$1" in
${cases(nodes)}
  esac
}

_writ_walk() {
  at='' before='' values=''
  _writ_at "$at"
  local word
  for word in "$@"; do
    if [[ -n $before ]]; then before=''; continue; fi
    if [[ $word == -* ]]; then
      [[ " $taking " == *" $word "* ]] && before=$word
    elif [[ " $offers " == *" $word "* ]]; then
      at="\${at:+$at }$word"
      _writ_at "$at"
    fi
  done
  case "$at $before" in
${choiceCases(nodes)}
  esac
}
`;

const bash = (nodes: readonly Node[]): string => `# Completion of writ for bash.
${walk(nodes)}
_writ() {
  local at before values offers flags taking
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  _writ_walk "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  COMPREPLY=()
  if [[ -n $before ]]; then
    [[ -n $values ]] && COMPREPLY=($(compgen -W "$values" -- "$cur"))
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$offers" -- "$cur"))
  fi
}

complete -o default -F _writ writ
`;

const zsh = (nodes: readonly Node[]): string => `#compdef writ
# Completion of writ for zsh.
${walk(nodes)}
_writ_complete() {
  local at before values offers flags taking
  local current="$PREFIX"
  _writ_walk "\${(@)words[2,CURRENT-1]}"
  if [[ -n $before ]]; then
    if [[ -n $values ]]; then compadd -- \${=values}; else _files; fi
  elif [[ $current == -* ]]; then
    compadd -- \${=flags}
  else
    compadd -- \${=offers}
  fi
}

# Loaded from fpath, this file is the body of _writ.
if [[ \${funcstack[1]} == _writ ]]; then _writ_complete; else compdef _writ_complete writ; fi
`;

const fish = (nodes: readonly Node[]): string => {
  const lines = nodes.flatMap(({ path, commands, options, choices }) => [
    ...[...commands, ...choices.map((name) => ({ name, words: '' }))].map(
      ({ name, words }) =>
        `complete -c writ -n ${quoted(`__writ_at '${path}'`)} -a ${quoted(name)} -d ${quoted(words)}`,
    ),
    ...options.map(({ flags, words, takesValue, choices: values }) =>
      [
        `complete -c writ -n ${quoted(`__writ_at '${path}'`)}`,
        ...flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        ),
        ...(takesValue ? [values.length > 0 ? '-x' : '-r'] : []),
        ...(values.length > 0 ? [`-a ${quoted(values.join(' '))}`] : []),
        `-d ${quoted(words)}`,
      ].join(' '),
    ),
  ]);
  const known = nodes.map(({ path }) => quoted(path)).join(' ');
  return `# Completion of writ for fish.
set -g __writ_paths ${known}

function __writ_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$at $word")
    contains -- "$next" $__writ_paths; and set at $next
  end
  test "$at" = "$argv[1]"
end

complete -c writ -f
${lines.join('\n')}
`;
};

const scripts = { bash, zsh, fish } as const;
