A coding agent's client asks the guard before each command and each edit. Silence lets it go on.

  $ . "$TESTDIR/setup"
  $ ticket >/dev/null 2>&1
  $ cd "$(git okstra stage 1 2>/dev/null)"
  $ call() { printf '{"hook_event_name": "PreToolUse", "tool_name": "%s", "tool_input": {"%s": "%s"}}' "$@"; }
  $ call Bash command 'git add -A && git commit -m done' | git okstra guard
  $ call Bash command 'git commit -anm done' | git okstra guard
  okstra: BLOCKED [hook-bypass] git commit -n keeps the hooks of this repository from running
  okstra: hint: run it without -n, and mend what the hooks report
  [2]
  $ call Bash command 'sh -c \"git push --force origin HEAD:main\"' | git okstra guard
  okstra: BLOCKED [forced-push] the push would overwrite the protected branch 'main' on the other side
  okstra: hint: hand the task over instead: git okstra handoff
  [2]
  $ call Write file_path README.md | git okstra guard
  okstra: BLOCKED [edit-unplanned] the plan does not list 'README.md' for stage 1: it may change shop/voucher.py
  okstra: hint: see the plan: git okstra plan show
  okstra: hint: if the file belongs to the stage, have a person change the plan: git okstra plan edit
  [2]
  $ call Bash command 'git okstra plan approve --yes' | git okstra guard
  okstra: BLOCKED [person] approving a plan is a person's decision
  okstra: hint: ask the person you work for to run: git okstra plan approve
  [2]
  $ echo 'git commit -n' | git okstra guard
  okstra: BLOCKED [unreadable] the tool call is not JSON
  okstra: hint: the guard refuses what it cannot read; ask the person you work for: git okstra help guard
  [2]

Cursor wants its answer as JSON.

  $ echo '{"hook_event_name": "beforeShellExecution", "command": "npm publish"}' | git okstra guard 2>/dev/null | cut -c 1-75
  {"permission": "deny", "user_message": "okstra: BLOCKED [publish] 'npm publ
  $ echo '{"hook_event_name": "beforeShellExecution", "command": "npm test"}' | git okstra guard
  {}

The project's settings of a client tell it to ask. What is there already stays.

  $ mkdir .claude
  $ echo '{"model": "x"}' >.claude/settings.json
  $ git okstra guard install claude
  okstra: the guard is put into '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1/.claude/settings.json'
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1/.claude/settings.json
  $ cat .claude/settings.json
  {"model": "x", "hooks": {"PreToolUse": [{"matcher": "Bash|Edit|MultiEdit|Write|NotebookEdit", "hooks": [{"type": "command", "command": "git okstra guard --format claude || exit 2", "timeout": 60}]}]}}
  $ git okstra guard uninstall claude
  okstra: the guard is taken out of '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1/.claude/settings.json'
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1/.claude/settings.json
  $ cat .claude/settings.json
  {"model": "x"}
