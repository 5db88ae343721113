With `--flat` a stage has no worktree of its own: one works on the task branch, one stage at a time.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 --flat
  okstra: stage 1 (Voucher model) on 'feat-dev-9436', from 11aaa519a1ae: the task branch, which has all it depends on
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra stage 2 --flat
  okstra: error [open-stages]: stage 1 is open in the task's own worktree, which serves one stage at a time
  okstra: hint: close it first: git okstra done 1
  [1]
  $ commit shop/voucher.py
  $ git okstra done
  okstra: stage 1 is done: 1 commit, 1 file, at d95fe1bdcff6
  d95fe1bdcff6595db11c8e6f48fb228464645064

Its commits are in the task branch already, so the merge has nothing to do.

  $ git okstra merge
  okstra: nothing to merge: stage 1 is in 'feat-dev-9436' already
  $ git okstra stage 2 --flat 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra abandon 2
  okstra: stage 2 has no branch of its own; its commits stay on 'feat-dev-9436'
  okstra: abandoned: stage 2 '$TMPDIR/okstra/worktrees/shop/dev/dev-9436', where everything stays as it is
  $ git okstra list
  TASK               STATE      BRANCH         +/-  OWNER        AGE  PATH
  DEV-9436           open       feat-dev-9436  +1   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model  merged     feat-dev-9436  =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    2 Price          abandoned                      ada@example
    3 Checkout page  waiting
    4 Manual         ready
