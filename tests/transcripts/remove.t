What is no longer needed goes to the trash, worktree, branch and reservation, and comes back whole.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py && git okstra merge >/dev/null 2>&1
  $ echo SECRET=1 >../dev-9436-s1/.env && echo .env >>"$TMPDIR/shop/.git/info/exclude"
  $ git okstra remove 1 --dry-run
  okstra: would be removed: stage 1 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: nothing was changed (--dry-run)
  $ git okstra remove 1
  okstra: removed: stage 1 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: bring it back: git okstra restore ????????T??????-dev-9436-s1* (glob)
  ????????T??????-dev-9436-s1* (glob)
  $ git okstra list | head -n 3
  TASK               STATE    BRANCH            +/-  OWNER        AGE  PATH
  DEV-9436           open     feat-dev-9436     +2   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model  merged   feat-dev-9436-s1       ada@example  * (glob)
  $ git okstra restore
  ????????T??????-dev-9436-s1*  ????-??-??T??:??:??Z  remove  feat-dev-9436-s1 (glob)
  $ git okstra restore dev-9436-s1 --dry-run
  okstra: stage 1 of DEV-9436 would be back, on 'feat-dev-9436-s1'
  okstra: nothing was changed (--dry-run)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra restore dev-9436-s1
  okstra: stage 1 of DEV-9436 is back, on 'feat-dev-9436-s1'
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git -C ../dev-9436-s1 status --short --branch --ignored
  ## feat-dev-9436-s1
  !! .env

A task goes with all its stages.

  $ cd "$TMPDIR/shop"
  $ git okstra remove DEV-9436 -D
  okstra: removed: stage 1 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: removed: task '$TMPDIR/okstra/worktrees/shop/dev/dev-9436'
  okstra: bring it back: git okstra restore ????????T??????-dev-9436 (glob)
  okstra: bring it back: git okstra restore ????????T??????-dev-9436-s1* (glob)
  ????????T??????-dev-9436 (glob)
  ????????T??????-dev-9436-s1* (glob)
  $ git worktree list
  $TMPDIR/shop  11aaa51 [main]
  $ git branch --list
  * main
  $ git okstra restore | sort -k 4
  ????????T??????-dev-9436  ????-??-??T??:??:??Z  remove  feat-dev-9436 (glob)
  ????????T??????-dev-9436-s1*  ????-??-??T??:??:??Z  remove  feat-dev-9436-s1 (glob)
  $ git okstra restore dev-9436
  okstra: task DEV-9436 is back, on 'feat-dev-9436'
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra restore dev-9436#1 --json
  {
    "schema": "okstra.restore/1",
    "key": "shop/dev/dev-9436#stage-1",
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
    "branch": "feat-dev-9436-s1",
    "tip": "d95fe1bdcff6595db11c8e6f48fb228464645064",
    "notes": []
  }
  $ git okstra restore --json
  {
    "schema": "okstra.restore/1",
    "trash": [],
    "notes": []
  }
