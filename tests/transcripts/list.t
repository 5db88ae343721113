Who has what? `+` and `-` count the commits that a task is ahead of and behind its base, and a stage its task; `*` marks
uncommitted changes.

  $ . "$TESTDIR/setup"
  $ git okstra list
  okstra: no task is open; begin with: git okstra start feat ID
  $ git okstra list --json
  {
    "schema": "okstra.list/1",
    "tasks": [],
    "notes": []
  }
  $ ticket
  $ work 1 shop/voucher.py
  $ OKSTRA_OWNER=ben@example git okstra stage 2 >/dev/null 2>&1
  $ OKSTRA_OWNER=cho@example git okstra stage 4 >/dev/null 2>&1
  $ echo idea >>../dev-9436-s2/README.md
  $ git okstra list
  TASK               STATE    BRANCH            +/-  OWNER        AGE  PATH
  DEV-9436           open     feat-dev-9436     =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model  done     feat-dev-9436-s1  +1   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
    2 Price          open     feat-dev-9436-s2  \*    ben@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2 (glob)
    3 Checkout page  waiting
    4 Manual         open     feat-dev-9436-s4  +1   cho@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4 (glob)

How much room each worktree takes, for how long nothing in it was changed, and what it was started from:

  $ git okstra list --long
  TASK               STATE    +/-  DISK*IDLE*BRANCH            BASE          OWNER        AGE  PATH (glob)
  DEV-9436           open     =    * feat-dev-9436     main          ada@example * (glob)
    1 Voucher model  done     +1   * feat-dev-9436-s1  11aaa519a1ae  ada@example * (glob)
    2 Price          open     \*    * feat-dev-9436-s2  11aaa519a1ae  ben@example * (glob)
    3 Checkout page  waiting
    4 Manual         open     +1   * feat-dev-9436-s4  d95fe1bdcff6  cho@example * (glob)

A script reads the same and more from JSON.

  $ git okstra list --json | python3 -c '
  > import json, sys
  > for task in json.load(sys.stdin)["tasks"]:
  >     for stage in task["stages"]:
  >         print(stage["key"], stage["state"], stage["owner"], stage["ahead"], stage["dirty"])
  > '
  shop/dev/dev-9436#stage-1 done ada@example 1 False
  shop/dev/dev-9436#stage-2 open ben@example 0 True
  shop/dev/dev-9436#stage-3 waiting None None None
  shop/dev/dev-9436#stage-4 open cho@example 1 False

The tasks of every repository of this machine:

  $ git init -q "$TMPDIR/cellar" && cd "$TMPDIR/cellar" && git commit -q --allow-empty -m "first commit"
  $ git okstra start docs shelves >/dev/null 2>&1
  $ git okstra list
  TASK     STATE  BRANCH        +/-  OWNER        AGE  PATH
  shelves  open   docs-shelves  =    ada@example  * $TMPDIR/okstra/worktrees/cellar/default/shelves (glob)
  $ git okstra list --all
  TASK                    STATE    BRANCH            +/-  OWNER        AGE  PATH
  cellar/default/shelves  open     docs-shelves      =    ada@example  * $TMPDIR/okstra/worktrees/cellar/default/shelves (glob)
  shop/dev/dev-9436       open     feat-dev-9436     =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model       done     feat-dev-9436-s1  +1   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
    2 Price               open     feat-dev-9436-s2  \*    ben@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2 (glob)
    3 Checkout page       waiting
    4 Manual              open     feat-dev-9436-s4  +1   cho@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4 (glob)
