The status of a task, kept up to date. Here nobody has a terminal, so what changes is told line by line; it ends when
nobody reads any more, or when the task is removed.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra watch --interval 0.1 | head -n 3 | cut -d' ' -f2-
  task DEV-9436: phase implementation; open; owner ada@example
  stage 1: ready
  stage 2: ready

A program reads documents, one in each line.

  $ git okstra watch --json | head -n 1 | python3 -c 'import json, sys; print(sorted(json.load(sys.stdin)))'
  ['merging', 'next', 'notes', 'ready', 'schema', 'syncing', 'task', 'time', 'verdict']

Which conflicts come, and which go:

  $ git okstra conflicts --watch | head -n 1 | cut -d' ' -f2-
  no conflict

What does not fit:

  $ git okstra watch --interval 0
  okstra: error [usage]: invalid value for '--interval': 0.0 is not in the range 0.1<=x<=3600
  okstra: hint: git okstra help watch
  [2]
  $ git okstra conflicts --interval 5
  okstra: error [usage]: --interval is for --watch
  okstra: hint: git okstra help conflicts
  [2]
  $ git okstra watch --task nowhere
  okstra: error [no-such-task]: there is no task 'nowhere' here; open tasks: DEV-9436
  okstra: hint: begin it: git okstra start feat nowhere
  [2]
