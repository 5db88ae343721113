What a command did, undo takes back; a second undo does it again.

  $ . "$TESTDIR/setup"
  $ git okstra start feat DEV-9436 --base main --no-hooks 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra undo
  okstra: took back: git okstra start feat DEV-9436 --base main --no-hooks
  okstra:   take '$TMPDIR/shop/.git/okstra/config.toml' away again
  okstra:   move task DEV-9436 to the trash
  okstra:   take back in the journal of DEV-9436: what was answered by the steps above
  ????????T??????-???????? (glob)
  $ git okstra list
  okstra: no task is open; begin with: git okstra start feat ID
  $ git okstra undo --yes
  okstra: took back: git okstra undo
  okstra:   put '$TMPDIR/shop/.git/okstra/config.toml' back
  okstra:   bring task DEV-9436 back from the trash
  okstra:   take back in the journal of DEV-9436: undone
  okstra: so this stands again: git okstra start feat DEV-9436 --base main --no-hooks
  ????????T??????-???????? (glob)

Settings and plans:

  $ git okstra config set trash.keep 3d 2>/dev/null && git okstra undo && git okstra config get trash.keep
  okstra: took back: git okstra config set trash.keep 3d
  okstra:   put '$TMPDIR/shop/.git/okstra/config.toml' back
  ????????T??????-???????? (glob)
  7d
  $ git okstra plan import ~/plan.md >/dev/null 2>&1 && git okstra undo --dry-run && git okstra undo && git okstra plan show
  okstra: would take back: git okstra plan import $TMPDIR/home/plan.md
  okstra:   take back in the journal of DEV-9436: plan-imported
  okstra:   put plan.toml of DEV-9436 back
  okstra: nothing was changed (--dry-run)
  ????????T??????-???????? (glob)
  okstra: took back: git okstra plan import $TMPDIR/home/plan.md
  okstra:   take back in the journal of DEV-9436: plan-imported
  okstra:   put plan.toml of DEV-9436 back
  ????????T??????-???????? (glob)
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ ticket
  $ git okstra undo --yes && git okstra stage 1
  okstra: took back: git okstra plan approve --yes
  okstra:   take back in the journal of DEV-9436: plan-approved
  okstra:   put plan.toml of DEV-9436 back
  ????????T??????-???????? (glob)
  okstra: error [plan-not-approved]: the plan of DEV-9436 is not approved
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
  $ git okstra undo --yes
  okstra: took back: git okstra undo --yes
  okstra:   take back in the journal of DEV-9436: undone
  okstra:   put plan.toml of DEV-9436 back
  okstra: so this stands again: git okstra plan approve --yes
  ????????T??????-???????? (glob)

A stage, opened, closed, reopened, released and given up:

  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && cd "$TMPDIR/shop"
  $ git okstra done 1 2>/dev/null && git okstra undo && git okstra undo
  d95fe1bdcff6595db11c8e6f48fb228464645064
  okstra: took back: git okstra done 1
  okstra:   take back in the journal of DEV-9436: done (stage 1)
  ????????T??????-???????? (glob)
  okstra: took back: git okstra undo
  okstra:   take back in the journal of DEV-9436: undone
  okstra: so this stands again: git okstra done 1
  ????????T??????-???????? (glob)
  $ git okstra reopen 1 2>/dev/null && git okstra undo
  okstra: took back: git okstra reopen 1
  okstra:   take back in the journal of DEV-9436: reopened (stage 1)
  ????????T??????-???????? (glob)
  $ git okstra release 1 >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra release 1
  okstra:   take stage 1 of DEV-9436 again
  okstra:   take back in the journal of DEV-9436: what was answered by the steps above
  ????????T??????-???????? (glob)
  $ git okstra abandon 1 >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra abandon 1
  okstra:   bring stage 1 of DEV-9436 back from the trash
  okstra:   take back in the journal of DEV-9436: what was answered by the steps above
  ????????T??????-???????? (glob)
  $ git okstra remove 1 -D >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra remove 1 -D
  okstra:   bring stage 1 of DEV-9436 back from the trash
  okstra:   take back in the journal of DEV-9436: what was answered by the steps above
  ????????T??????-???????? (glob)

The task branch goes back with its worktree:

  $ git okstra merge >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra merge
  okstra:   move 'feat-dev-9436' back to 11aaa519a1ae
  okstra:   take back in the journal of DEV-9436: merged (stage 1)
  ????????T??????-???????? (glob)
  $ git log --oneline feat-dev-9436 && ls "$(git okstra path task)"
  11aaa51 first commit
  README.md
  $ git okstra undo && git log --oneline --first-parent feat-dev-9436
  okstra: took back: git okstra undo
  okstra:   move 'feat-dev-9436' back to 3483e3ae02c3
  okstra:   take back in the journal of DEV-9436: undone
  okstra: so this stands again: git okstra merge
  ????????T??????-???????? (glob)
  3483e3a Merge stage 1: Voucher model
  11aaa51 first commit

The phase and the verdict:

  $ git okstra phase final-verification --yes >/dev/null 2>&1; git okstra verify >/dev/null 2>&1; git okstra undo
  okstra: took back: git okstra verify
  okstra:   take back in the journal of DEV-9436: verified
  ????????T??????-???????? (glob)
  $ git okstra log --operations -n 3
  ????????T??????-????????  ada@example  git okstra undo  (takes back ????????T??????-????????) (glob)
  ????????T??????-????????  ada@example  git okstra verify  (failed, taken back by ????????T??????-????????) (glob)
  ????????T??????-????????  ada@example  git okstra undo  (takes back ????????T??????-????????) (glob)
