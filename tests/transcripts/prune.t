A task whose work is in its base branch is finished, however it got there; `prune` removes it and explains what it leaves.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py && git okstra merge >/dev/null 2>&1
  $ cd "$(git okstra start fix DEV-7 2>/dev/null)" && commit mended.txt
  $ cd "$(git okstra start docs DEV-8 2>/dev/null)" && commit begun.txt
  $ cd "$TMPDIR/shop"
  $ git merge -q --squash fix-dev-7 >/dev/null && git commit -q -m "Mend it (DEV-7)"
  $ git okstra prune --dry-run
  okstra: would be removed: task dev-7 '$TMPDIR/okstra/worktrees/shop/dev/dev-7'
  okstra: left: shop/dev/dev-8, because its work is not in 'main'
  okstra: left: shop/dev/dev-9436, because stages 2, 3, 4 are not done
  okstra: nothing was changed (--dry-run)
  $ git okstra prune
  okstra: removed: task dev-7 '$TMPDIR/okstra/worktrees/shop/dev/dev-7'
  okstra: bring it back: git okstra restore ????????T??????-dev-7 (glob)
  okstra: left: shop/dev/dev-8, because its work is not in 'main'
  okstra: left: shop/dev/dev-9436, because stages 2, 3, 4 are not done
  $ git branch --list
  + docs-dev-8
  + feat-dev-9436
  + feat-dev-9436-s1
  * main
  $ git okstra prune --json
  {
    "schema": "okstra.prune/1",
    "removed": [],
    "left": [
      {
        "key": "shop/dev/dev-8",
        "reason": "its work is not in 'main'"
      },
      {
        "key": "shop/dev/dev-9436",
        "reason": "stages 2, 3, 4 are not done"
      }
    ],
    "emptied": [],
    "runs": [],
    "notes": []
  }

What has been in the trash for long enough goes for good.

  $ OKSTRA_TRASH_KEEP=0s git okstra prune
  okstra: left: shop/dev/dev-8, because its work is not in 'main'
  okstra: left: shop/dev/dev-9436, because stages 2, 3, 4 are not done
  okstra: emptied from the trash: ????????T??????-dev-7 (glob)
  $ git okstra restore
  okstra: the trash is empty
