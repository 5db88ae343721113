A stage gets a worktree and a branch of its own, from the commit it builds on.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 --dry-run
  okstra: stage 1 (Voucher model) would be on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  okstra: nothing was changed (--dry-run)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git branch --list '*-s1'
  $ git okstra stage 1
  okstra: stage 1 (Voucher model) on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ cd "$(git okstra stage 1 2>/dev/null)" && git status
  On branch feat-dev-9436-s1
  nothing to commit, working tree clean

Opened again by its owner it is the same worktree. With `--exclusive` it is given to nobody twice.

  $ git okstra stage 1
  okstra: stage 1 has been open since ????-??-??T??:??:??Z, by ada@example (process *) (glob)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra stage 1 --exclusive
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: it is yours; to go on with it, without --exclusive: git okstra stage 1
  okstra: hint: or take another: git okstra stage auto
  [3]
  $ git okstra stage 1 --json | grep -v -e pid -e since
  {
    "schema": "okstra.stage/1",
    "status": "reused",
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436",
      "branch": "feat-dev-9436"
    },
    "stage": {
      "key": "shop/dev/dev-9436#stage-1",
      "number": 1,
      "title": "Voucher model",
      "state": "open",
      "branch": "feat-dev-9436-s1",
      "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
      "base": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
      "head": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
      "depends_on": [],
      "files": [
        "shop/voucher.py"
      ],
      "ahead": 0,
      "behind": 0,
      "dirty": false,
      "owner": "ada@example",
      "recorded_head": null,
      "trouble": null,
      "rule": "reused",
      "flat": false,
      "sparse": false
    },
    "notes": []
  }

`auto` takes the first stage that is ready and that nobody has.

  $ OKSTRA_OWNER=ben@example git okstra stage auto
  okstra: stage 2 (Price) on 'feat-dev-9436-s2', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2
  $ commit shop/voucher.py && git okstra done 2>/dev/null
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ git okstra stage auto
  okstra: stage 4 (Manual) on 'feat-dev-9436-s4', from d95fe1bdcff6: the head recorded for the stage it depends on
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4
  $ git log --oneline -1 feat-dev-9436-s4
  d95fe1b change shop/voucher.py

A stage that depends on several starts from the task branch, into which they are merged first.

  $ cd "$(git okstra path 2)" && commit shop/price.py && OKSTRA_OWNER=ben@example git okstra done 2>/dev/null
  8b1908fe7b34e664802488732d305b233d0398a5
  $ git okstra stage 3 --merge-deps
  okstra: merged stages 1, 2 into 'feat-dev-9436'
  okstra: stage 3 (Checkout page) on 'feat-dev-9436-s3', from 06030273db9d: the task branch, which has all it depends on
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s3
