Without a terminal `help` prints the usage; on a terminal it is the manual page, installed or not.

  $ git okstra help | head -n 12
  Usage: git okstra [OPTIONS] COMMAND [ARGS]...
  
    One ticket, several worktrees, nothing lost.
  
    Gives a ticket its own worktree and branch, splits it into stages that several people or coding
    agents work on at once, and brings the stages together again.
  
  Options:
    --version   Show the version and exit.
    -h, --help  Show this message and exit.
  
  Commands:
  $ git okstra help stage | head -n 9
  Usage: git okstra stage [OPTIONS] N...|auto
  
    Open stage N of the plan, or with 'auto' the first that is ready.
  
    The stage gets a branch and a worktree of its own, from the right commit, and one owner. Prints
    the worktree's path; opened again by its owner, the same path is given again. Several are opened
    side by side; one path a line.
  
  Options:
  $ git okstra -h | sed -n '/^Commands/,$p' | awk '{print $1}' | xargs echo
  Commands: init start plan stage done reopen abandon takeover merge run conflicts sync phase verify handoff list status watch who path exec brief log graph timeline remove prune restore release undo config hooks guard doctor tour shell-init help
  $ git okstra help stages
  okstra: error [usage]: there is no command 'stages'
  okstra: hint: did you mean: git okstra help stage
  [2]
  $ git okstra >usage.txt
  [2]
