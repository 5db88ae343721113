A stage is closed: its files, its commits and its verify command are checked, and the commit at its head is recorded.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)"
  $ commit shop/voucher.py
  $ git okstra done --dry-run
  okstra: stage 1 would be done: 1 commit, 1 file, at d95fe1bdcff6
  okstra: nothing was changed (--dry-run)
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ git okstra done
  okstra: stage 1 is done: 1 commit, 1 file, at d95fe1bdcff6
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ git okstra done
  okstra: stage 1 was done already, at ????-??-??T??:??:??Z, and has not moved since (glob)
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ git okstra done --json
  {
    "schema": "okstra.done/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "stage": {
      "key": "shop/dev/dev-9436#stage-1",
      "number": 1,
      "title": "Voucher model",
      "state": "done",
      "branch": "feat-dev-9436-s1",
      "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
      "base": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
      "head": "d95fe1bdcff6595db11c8e6f48fb228464645064",
      "depends_on": [],
      "files": [
        "shop/voucher.py"
      ],
      "ahead": 1,
      "behind": 0,
      "dirty": false,
      "owner": "ada@example",
      "since": "????-??-??T??:??:??Z", (glob)
      "recorded_head": "d95fe1bdcff6595db11c8e6f48fb228464645064",
      "trouble": null,
      "lacks": [],
      "conflicts": []
    },
    "commits": 1,
    "notes": [
      "stage 1 was done already, at ????-??-??T??:??:??Z, and has not moved since" (glob)
    ]
  }

For more work on it, it is taken back to open, and closed again.

  $ git okstra reopen 1 --dry-run
  okstra: stage 1 would be open again
  okstra: nothing was changed (--dry-run)
  $ git okstra reopen 1
  okstra: stage 1 is open again
  $ git okstra reopen 1 --json
  {
    "schema": "okstra.reopen/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "stage": {
      "key": "shop/dev/dev-9436#stage-1",
      "number": 1,
      "title": "Voucher model",
      "state": "open",
      "branch": "feat-dev-9436-s1",
      "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
      "base": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
      "head": "d95fe1bdcff6595db11c8e6f48fb228464645064",
      "depends_on": [],
      "files": [
        "shop/voucher.py"
      ],
      "ahead": 1,
      "behind": 0,
      "dirty": false,
      "owner": "ada@example",
      "since": "????-??-??T??:??:??Z", (glob)
      "recorded_head": "d95fe1bdcff6595db11c8e6f48fb228464645064",
      "trouble": null,
      "lacks": [],
      "conflicts": []
    },
    "notes": [
      "stage 1 is open already"
    ]
  }
  $ commit shop/voucher.py
  $ git okstra done
  okstra: stage 1 is done: 2 commits, 1 file, at 3f1d953bb5b3
  3f1d953bb5b3a385987eb20493d701e63d84ea45

What is committed after it was closed makes it stale, until it is closed anew.

  $ commit shop/voucher.py
  $ git okstra status | grep -e ' stale' -e next
  ◍   1 Voucher model  stale
  1      stale  feat-dev-9436-s1  +3   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
  next: git okstra done 1
  next: git okstra stage auto
  $ git okstra done
  okstra: stage 1 is done: 3 commits, 1 file, at 3d27f32664bf
  3d27f32664bff55a96c63bcad919dee0a2e6ac5f
