Without a commit there is nothing to start from.

  $ . "$TESTDIR/setup"
  $ git init -q ../empty && cd ../empty
  $ git okstra start feat DEV-1
  okstra: error [unborn]: the repository has no commit yet
  okstra: hint: make one: git commit --allow-empty -m 'first commit'
  [128]
  $ git commit --allow-empty -q -m 'first commit' && git okstra start feat DEV-1
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: installed the hooks that hold the plan; see them: git okstra hooks status
  okstra: DEV-1 has the branch 'feat-dev-1', from main (bc15e0014e6a)
  $TMPDIR/okstra/worktrees/empty/dev/dev-1

Several branches could be the base, and nobody is there to be asked.

  $ cd ../shop && git branch dev
  $ git okstra start feat DEV-9436
  okstra: error [base-required]: several branches could be the base: main, dev
  okstra: hint: name one: git okstra start feat DEV-9436 --base main
  okstra: hint: or once for this clone: git okstra config set start.base main
  [2]
  $ git okstra config set start.base main 2>/dev/null

A task is one task, whatever the category; two ids that give the same name have to be told apart.

  $ git okstra start feat DEV-9436 >/dev/null 2>&1
  $ git okstra start fix DEV-9436
  okstra: error [task-exists]: task DEV-9436 exists already, as 'feat'
  okstra: hint: go on with it: git okstra start feat DEV-9436
  [2]
  $ git okstra start feat DEV/7 --group dev >/dev/null 2>&1
  $ git okstra start feat DEV:7 --group dev
  okstra: error [name-collision]: the ids 'DEV:7' and 'DEV/7' give the same name 'dev-7'
  okstra: hint: give this one a branch of its own: git okstra start feat DEV:7 --group dev --branch NAME
  [2]
  $ git okstra start feat DEV:7 --group dev --branch feat-dev-7-again
  okstra: DEV:7 has the branch 'feat-dev-7-again', from main (11aaa519a1ae)
  $TMPDIR/okstra/worktrees/shop/dev/dev-7-again
  $ git okstra start feat DEV-7 --group ops
  okstra: error [name-collision]: the branch 'feat-dev-7' belongs to task DEV/7 (shop/dev/dev-7); task DEV-7 (shop/ops/dev-7) would share it
  okstra: hint: give this one another branch: git okstra start feat DEV-7 --group ops --branch NAME
  [2]
  $ git okstra start feat DEV-9436-s3
  okstra: error [bad-name]: the id 'DEV-9436-s3' ends in '-s3', which is how stages are named
  okstra: hint: for stage 3 of task 'dev-9436' type: git okstra stage 3 --task dev-9436
  [2]

A branch or a directory of the same name that is not ours is left alone.

  $ git branch fix-dev-8
  $ git okstra start fix DEV-8
  okstra: error [branch-exists]: the branch 'fix-dev-8' exists already (at 11aaa519a1ae) and is not ours
  okstra: hint: take it over: git okstra start fix DEV-8 --adopt
  okstra: hint: or use another: git okstra start fix DEV-8 --branch NAME
  [1]
  $ git branch mine
  $ git okstra start fix DEV-8 --branch mine --dry-run
  okstra: error [branch-exists]: the branch 'mine' exists already (at 11aaa519a1ae) and is not ours
  okstra: hint: take it over: git okstra start fix DEV-8 --branch mine --adopt
  okstra: hint: or use another: git okstra start fix DEV-8 --branch NAME
  [1]
  $ mkdir -p "$OKSTRA_HOME/worktrees/shop/dev/dev-9" && touch "$OKSTRA_HOME/worktrees/shop/dev/dev-9/notes"
  $ git okstra start fix DEV-9
  okstra: error [path-exists]: '$TMPDIR/okstra/worktrees/shop/dev/dev-9' exists already and is not ours
  okstra: hint: look at it, then move it away: mv '$TMPDIR/okstra/worktrees/shop/dev/dev-9' '$TMPDIR/okstra/worktrees/shop/dev/dev-9.old'
  [1]
  $ git okstra start fix DEV-10 --branch 'what?'
  okstra: error [bad-name]: 'what?' is not a valid branch name
  okstra: hint: see: git help check-ref-format
  [2]

When several tasks are open, one has to say which.

  $ git okstra status
  okstra: error [ambiguous-task]: several tasks are open: DEV/7, DEV:7, DEV-9436
  okstra: hint: name one: --task dev-7
  [2]
  $ git okstra status --task DEV-94
  okstra: error [no-such-task]: there is no task 'DEV-94' here; open tasks: DEV/7, DEV:7, DEV-9436
  okstra: hint: begin it: git okstra start feat DEV-94
  [2]
  $ git worktree add -q --detach ../wip && cd ../wip
  $ git okstra start fix DEV-10
  okstra: error [wrong-branch]: the worktree '$TMPDIR/wip' has a detached HEAD checked out, so the task cannot be bound to it
  okstra: hint: give it a branch: git switch -c NAME
  okstra: hint: or have a worktree made: git okstra start fix DEV-10 --worktree
  [1]
