Somebody deleted a worktree by hand, and moved another. Nobody is sent to a place that is gone.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1 && git okstra stage 2 >/dev/null 2>&1
  $ rm -rf "$(git okstra path 1)" && git worktree move "$(git okstra path 2)" "$TMPDIR/elsewhere"
  $ git okstra stage 1
  okstra: error [worktree-missing]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is gone
  okstra: hint: find where it went, or have it made again: git okstra doctor --repair
  [1]
  $ git okstra path 1
  okstra: error [worktree-missing]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is gone
  okstra: hint: find where it went, or have it made again: git okstra doctor --repair
  [1]
  $ git okstra list
  TASK               STATE           BRANCH            +/-  OWNER        AGE  PATH
  DEV-9436           open            feat-dev-9436     =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436 (glob)
    1 Voucher model  open (missing)  feat-dev-9436-s1  =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
    2 Price          open (missing)  feat-dev-9436-s2  =    ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2 (glob)
    3 Checkout page  waiting
    4 Manual         waiting
  $ git okstra doctor
  error [worktree-moved] the worktree of stage 2 of DEV-9436 is at '$TMPDIR/elsewhere' and not at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2'
    the registry sends everybody to the old place
    hint: git okstra doctor --repair
  error [worktree-missing] the worktree of stage 1 of DEV-9436 at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is gone
    whoever holds it has no place to work
    hint: git okstra doctor --repair
  okstra: mend what can be mended: git okstra doctor --repair
  [1]
  $ git okstra doctor --json | grep '"code"'
        "code": "worktree-moved",
        "code": "worktree-missing",
  $ git okstra doctor --repair --dry-run
  okstra: nothing was changed (--dry-run)
  shop/dev/dev-9436#stage-2: the worktree of stage 2 of DEV-9436 is at '$TMPDIR/elsewhere' and not at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2'
    would record where it is now
  shop/dev/dev-9436#stage-1: the worktree of stage 1 of DEV-9436 at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is gone
    would make it again on branch 'feat-dev-9436-s1' from its index; files that were not added to git cannot come back
  $ git okstra doctor --repair
  shop/dev/dev-9436#stage-2: the worktree of stage 2 of DEV-9436 is at '$TMPDIR/elsewhere' and not at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2'
    mended: its place is '$TMPDIR/elsewhere' now
  shop/dev/dev-9436#stage-1: the worktree of stage 1 of DEV-9436 at '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is gone
    mended: made the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' again, with what was staged
  $ git okstra doctor
  okstra: everything agrees
  $ git okstra path 1 && git okstra path 2
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $TMPDIR/elsewhere

A git that is too old:

  $ mkdir ~/bin && cat >~/bin/git <<END
  > #!/bin/sh
  > case \$* in *version*) echo git version 2.30.2 ;; *) exec $(command -v git) "\$@" ;; esac
  > END
  $ chmod +x ~/bin/git
  $ PATH=$HOME/bin:$PATH git-okstra doctor
  error [git-too-old] git is 2.30.2; 2.38 or newer is needed
    the git on PATH is older than what is needed
    hint: install a newer git
  [1]

Where one stands is gone:

  $ mkdir ../gone && cd ../gone && rmdir ../gone
  $ git-okstra list
  okstra: error [worktree-missing]: the directory you stand in is gone
  okstra: hint: cd somewhere that exists
  [1]
