Where is it? By number, from anywhere in the repository; by task; and where one stands.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1
  $ cd "$TMPDIR/shop"
  $ git okstra path 1
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra path DEV-9436
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra path DEV-9436#1
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra path feat-dev-9436-s1 --json
  {
    "schema": "okstra.path/1",
    "task": {
      "key": "shop/dev/dev-9436"
    },
    "number": 1,
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
    "notes": []
  }
  $ cd "$(git okstra path 1)" && mkdir shop && cd shop && git okstra path
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1

A command runs there, and knows for what; the exit status is its own.

  $ git okstra exec task -- git log --oneline
  11aaa51 first commit
  $ git okstra exec 1 -- sh -c 'echo "$OKSTRA_TASK $OKSTRA_STAGE"; pwd; exit 7'
  shop/dev/dev-9436 1
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  [7]
  $ git okstra exec 1 -- no-such-command
  okstra: error [usage]: cannot run 'no-such-command': No such file or directory
  okstra: hint: name a command that is on PATH
  [2]
  $ git okstra path 2
  okstra: error [stage-not-open]: stage 2 of DEV-9436 has no worktree now
  okstra: hint: open it: git okstra stage 2
  [1]
  $ git okstra path DEV-8
  okstra: error [no-such-task]: there is no task 'DEV-8' here; open tasks: DEV-9436
  okstra: hint: begin it: git okstra start feat DEV-8
  [2]
