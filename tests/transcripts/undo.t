What a command did, undo takes back; a second undo does it again.

  $ . "$TESTDIR/setup"
  $ git okstra start feat DEV-9436 --base main --no-hooks 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra undo
  okstra: error [needs-yes]: taking 'git okstra start feat DEV-9436 --base main --no-hooks' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]
  $ git okstra list
  TASK      STATE  BRANCH         +/-  OWNER        AGE  PATH
  DEV-9436  open   feat-dev-9436  =    ada@example  1s   $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra undo
  okstra: error [needs-yes]: taking 'git okstra start feat DEV-9436 --base main --no-hooks' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]

Settings and plans:

  $ git okstra config set trash.keep 3d 2>/dev/null && git okstra undo && git okstra config get trash.keep
  okstra: error [needs-yes]: taking 'git okstra config set trash.keep 3d' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]
  $ git okstra plan import ~/plan.md >/dev/null 2>&1 && git okstra undo --dry-run && git okstra undo && git okstra plan show
  okstra: would take back: git okstra plan import $TMPDIR/home/plan.md
  okstra:   take back in the journal of DEV-9436: plan-imported
  okstra:   put plan.toml of DEV-9436 back
  okstra: nothing was changed (--dry-run)
  20261124T140306-f8f98d11
  okstra: took back: git okstra plan import $TMPDIR/home/plan.md
  okstra:   take back in the journal of DEV-9436: plan-imported
  okstra:   put plan.toml of DEV-9436 back
  20261124T140306-f8f98d11
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ ticket
  $ git okstra undo --yes && git okstra stage 1
  okstra: took back: git okstra plan approve --yes
  okstra:   take back in the journal of DEV-9436: plan-approved
  okstra:   put plan.toml of DEV-9436 back
  20261124T140307-928af3f2
  okstra: error [plan-not-approved]: the plan of DEV-9436 is not approved
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
  $ git okstra undo --yes
  okstra: took back: git okstra undo --yes
  okstra:   take back in the journal of DEV-9436: undone
  okstra:   put plan.toml of DEV-9436 back
  20261124T140308-55a20a8c

A stage, opened, closed, reopened, released and given up:

  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && cd "$TMPDIR/shop"
  $ git okstra done 1 2>/dev/null && git okstra undo && git okstra undo
  d95fe1bdcff6595db11c8e6f48fb228464645064
  okstra: took back: git okstra done 1
  okstra:   take back in the journal of DEV-9436: done (stage 1)
  20261124T140310-73c8df9e
  okstra: took back: git okstra undo
  okstra:   take back in the journal of DEV-9436: undone
  20261124T140310-12f22b0e
  $ git okstra reopen 1 2>/dev/null && git okstra undo
  okstra: took back: git okstra reopen 1
  okstra:   take back in the journal of DEV-9436: reopened (stage 1)
  20261124T140311-11e0921b
  $ git okstra release 1 >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra release 1
  okstra:   take stage 1 of DEV-9436 again
  okstra:   take back in the journal of DEV-9436: released (stage 1)
  20261124T140312-51815d30
  $ git okstra abandon 1 >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra abandon 1
  okstra:   bring stage 1 of DEV-9436 back from the trash
  20261124T140313-e9ffcd11
  $ git okstra remove 1 -D >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra remove 1 -D
  okstra:   bring stage 1 of DEV-9436 back from the trash
  20261124T140314-30512ca5
  $ git okstra list
  TASK               STATE    BRANCH            +/-  OWNER        AGE  PATH
  DEV-9436           open     feat-dev-9436     =    ada@example  12s  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
    1 Voucher model  done     feat-dev-9436-s1  +1   ada@example  5s   $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
    2 Price          ready
    3 Checkout page  waiting
    4 Manual         ready

The task branch goes back with its worktree:

  $ git okstra merge >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra merge
  okstra:   move 'feat-dev-9436' back to 11aaa519a1ae
  okstra:   take back in the journal of DEV-9436: merged (stage 1)
  20261124T140315-f407a37c
  $ git log --oneline feat-dev-9436 && ls "$(git okstra path task)"
  11aaa51 first commit
  README.md
  $ git okstra undo && git log --oneline --first-parent feat-dev-9436
  okstra: took back: git okstra undo
  okstra:   move 'feat-dev-9436' back to 3483e3ae02c3
  okstra:   take back in the journal of DEV-9436: undone
  20261124T140315-42672da5
  3483e3a Merge stage 1: Voucher model
  11aaa51 first commit

The phase and the verdict:

  $ git okstra phase final-verification --yes >/dev/null 2>&1; git okstra verify >/dev/null 2>&1; git okstra undo
  okstra: took back: git okstra verify
  okstra:   take back in the journal of DEV-9436: verified
  20261124T140317-3e293b5a
  $ git okstra log --operations -n 3
  20261124T140316-c80f4326  ada@example  git okstra undo
  20261124T140317-3e293b5a  ada@example  git okstra verify  (failed)
  20261124T140317-fa229a59  ada@example  git okstra undo
