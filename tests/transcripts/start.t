A ticket gets a worktree and a branch of its own. The path is the only thing on standard output, so one can go there.

  $ . "$TESTDIR/setup"
  $ git okstra start feat DEV-9436 --title 'Vouchers in the checkout' --dry-run
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: DEV-9436 would have the branch 'feat-dev-9436', from main (11aaa519a1ae)
  okstra: nothing was changed (--dry-run)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git branch --list
  * main
  $ git okstra start feat DEV-9436 --title 'Vouchers in the checkout'
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: installed the hooks that hold the plan; see them: git okstra hooks status
  okstra: DEV-9436 has the branch 'feat-dev-9436', from main (11aaa519a1ae)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ cd "$(git okstra start feat DEV-9436 2>/dev/null)" && pwd
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git status
  On branch feat-dev-9436
  nothing to commit, working tree clean

Started again it is the same worktree, whatever the case of the id; a script reads it from JSON.

  $ git okstra start feature dev-9436
  okstra: DEV-9436 has been open since ????-??-??T??:??:??Z, by ada@example (process *), on 'feat-dev-9436' (glob)
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra start feat DEV-9436 --json | grep -v -e pid -e since
  {
    "schema": "okstra.start/1",
    "status": "reused",
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436",
    "owner": "ada@example",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436",
      "category": "feat",
      "group": "dev",
      "title": "Vouchers in the checkout",
      "branch": "feat-dev-9436",
      "phase": "implementation",
      "base": {
        "ref": "main",
        "commit": "11aaa519a1ae2cf55e0074290745eb18b781cb7a"
      },
      "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436",
      "state": "open",
      "head": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
      "ahead": 0,
      "behind": 0,
      "dirty": false,
      "owner": "ada@example",
      "stages": [],
      "anchor": null,
      "lifecycle": "light",
      "repository": "$TMPDIR/shop/.git",
      "approved": false,
      "in_place": false,
      "trouble": null
    },
    "notes": []
  }

Inside a linked worktree that git okstra did not make, the task is bound to that one and nothing is made.

  $ cd "$TMPDIR/shop"
  $ git worktree add -q -b wip ../wip && cd ../wip
  $ git okstra start fix DEV-7 --base main
  okstra: DEV-7 is bound to this worktree and its branch 'wip'; no new one is made
  $TMPDIR/wip
  $ git okstra start fix DEV-7
  okstra: DEV-7 has been open since ????-??-??T??:??:??Z, by ada@example (process *), on 'wip' (glob)
  $TMPDIR/wip
  $ git worktree list | wc -l
  3

A branch that exists is taken over on request; without a group before the number the group is "default".

  $ cd "$TMPDIR/shop"
  $ git branch cache
  $ git okstra start perf cache --branch cache --adopt
  okstra: starting from 'main', the only one of main master dev develop staging preprod prod that exists
  okstra: cache has the branch 'cache', from main (11aaa519a1ae)
  $TMPDIR/okstra/worktrees/shop/default/cache

Outside of a repository a script can pass over it.

  $ cd "$TMPDIR"
  $ git okstra start feat DEV-9436 --skip-ok
  okstra: not a git repository; skipped
