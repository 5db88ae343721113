A stage is given up: its branch is kept aside, its worktree goes to the trash, and it may be opened anew.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && echo half >idea && cd "$TMPDIR/shop"
  $ git okstra abandon 1
  okstra: error [dirty-worktree]: stage 1 of DEV-9436 has 1 untracked file(s) that no commit holds: idea
  okstra: hint: commit them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' add -A && git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' commit
  okstra: hint: or take it along to the trash: git okstra abandon 1 -f
  [1]
  $ git okstra abandon 1 --force --dry-run
  okstra: would be abandoned: stage 1 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', 1 uncommitted file
  okstra: nothing was changed (--dry-run)
  $ git okstra abandon 1 --force
  okstra: abandoned: stage 1 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', 1 uncommitted file
  okstra: bring it back: git okstra restore ????????T??????-dev-9436-s1 (glob)
  $ git for-each-ref --format='%(refname) %(subject)' refs/okstra/abandoned
  refs/okstra/abandoned/feat-dev-9436-s1 change shop/voucher.py
  $ git okstra stage 1
  okstra: stage 1 (Voucher model) on 'feat-dev-9436-s1', from 11aaa519a1ae: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra abandon 1 --json | sed 's/[0-9]*T[0-9]*-/(time)-/'
  {
    "schema": "okstra.abandon/1",
    "removed": [
      {
        "key": "shop/dev/dev-9436#stage-1",
        "trash": "(time)-dev-9436-s1*", (glob)
        "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
        "branch": "feat-dev-9436-s1",
        "tip": "11aaa519a1ae2cf55e0074290745eb18b781cb7a",
        "uncommitted": 0
      }
    ],
    "notes": []
  }
