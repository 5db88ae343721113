A stage was done again after others had started from it: they are brought up to date.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py
  $ cd "$(git okstra stage 4 2>/dev/null)" && commit docs/voucher.md
  $ git okstra sync
  okstra: stage 4 is up to date
  $ git okstra reopen 1
  okstra: stage 4 started from its recorded head and will not see what is changed now
  okstra: stage 1 is open again
  $ git okstra sync
  okstra: error [stage-not-ready]: stage 4 depends on stage 1, which is not done
  okstra: hint: first: git okstra done 1
  okstra: hint: then: git okstra sync 4
  [1]
  $ cd "$(git okstra path 1)" && commit shop/voucher.py && git okstra done 1
  okstra: stage 4 was started from the earlier head of stage 1: git okstra sync 4
  okstra: stage 1 is done: 2 commits, 1 file, at 3f1d953bb5b3
  3f1d953bb5b3a385987eb20493d701e63d84ea45

Whoever looks is told, and what to type.

  $ git okstra status | grep -E "^behind|^next"
  behind: stage 4 was started from the earlier head of stage 1: git okstra sync 4
  next: git okstra sync 4
  next: git okstra stage 2
  next: git okstra done 4
  next: git okstra merge
  $ git okstra sync 4 --dry-run
  okstra: stage 4 would be brought up to date with 3f1d953bb5b3
  okstra: nothing was changed (--dry-run)
  $ git okstra sync 4
  okstra: stage 4 is brought up to date with 3f1d953bb5b3
  4 6e4d23a0e80c6d2c3d48e77eb8dfc1771c1781f3
  $ git okstra log | grep synced
  ????-??-??T??:??:??Z  ada@example  stage 4 synced  old=d95fe1bdcff6 base=3f1d953bb5b3 head=6e4d23a0e80c (glob)

Its files are still its own.

  $ git okstra done 4 2>&1 >/dev/null
  okstra: stage 4 is done: 1 commit, 1 file, at 6e4d23a0e80c

A stage that is done is stale until it is up to date and done again.

  $ git okstra reopen 1 >/dev/null 2>&1
  $ commit shop/voucher.py && git okstra done 1 >/dev/null 2>&1
  $ git okstra list
  TASK               STATE    BRANCH            +/-  OWNER        AGE  PATH
  DEV-9436           open     feat-dev-9436     =    ada@example * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model  done     feat-dev-9436-s1  +3   ada@example * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
    2 Price          ready
    3 Checkout page  waiting
    4 Manual         stale    feat-dev-9436-s4  +4   ada@example * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4 (glob)
  $ git okstra merge
  okstra: error [stage-stale]: stage 4 was started from the earlier head of stage 1
  okstra: hint: bring it up to date: git okstra sync 4
  okstra: hint: then record it again: git okstra done 4
  okstra: hint: or leave it out for now: git okstra merge 1
  [1]
  $ git okstra sync --all
  okstra: stage 4 was done; check and record it again: git okstra done 4
  okstra: stage 4 is brought up to date with 3d27f32664bf
  4 3330f062b00134b5982f9a76d80ddce003b5a876
  $ git okstra done 4 2>&1 >/dev/null
  okstra: stage 4 is done: 1 commit, 1 file, at 3330f062b001

The task itself stands on its base branch.

  $ git okstra merge >/dev/null 2>&1
  $ cd "$TMPDIR/shop" && commit NEWS
  $ git okstra status | grep -E "^behind"
  behind: the task branch lacks 1 commit of main: git okstra sync task
  $ git okstra sync task
  okstra: the task is brought up to date with e3e17c4d671a
  task 3e1bc88dbd6eb4608e68b6f8e664973e221e80d5
  $ git okstra sync task
  okstra: the task is up to date
