A stage is given back as it is, worktree and branch, for somebody else to go on with.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && echo idea >>shop/voucher.py && cd "$TMPDIR/shop"
  $ git okstra release 1 --dry-run
  okstra: stage 1 of DEV-9436 would be free; its worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' and its branch 'feat-dev-9436-s1' stay as they are
  okstra: nothing was changed (--dry-run)
  $ git okstra release 1
  okstra: stage 1 of DEV-9436 is free; its worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' and its branch 'feat-dev-9436-s1' stay as they are
  $ OKSTRA_OWNER=ben@example git okstra stage 1
  okstra: stage 1 (Voucher model) on 'feat-dev-9436-s1', from 11aaa519a1ae: where it was opened first
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git -C "$(git okstra path 1)" status --short --branch
  ## feat-dev-9436-s1
   M shop/voucher.py
  $ git okstra release task
  okstra: error [open-stages]: stage 1 of DEV-9436 is still held
  okstra: hint: first: git okstra release 1
  [1]
  $ OKSTRA_OWNER=ben@example git okstra release 1 --json
  {
    "schema": "okstra.release/1",
    "key": "shop/dev/dev-9436#stage-1",
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
    "branch": "feat-dev-9436-s1",
    "notes": []
  }
  $ git okstra release task
  okstra: task DEV-9436 is free; its worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' and its branch 'feat-dev-9436' stay as they are
  $ git okstra list
  okstra: no task is open; begin with: git okstra start feat ID
  $ git okstra status DEV-9436 | tail -n 2
  
  next: git okstra start feat DEV-9436
