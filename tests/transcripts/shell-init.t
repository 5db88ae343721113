The shell's start-up file has this line; from then on it completes, and `okcd` goes to a worktree.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1
  $ cat >~/.bashrc <<'END'
  > eval "$(git okstra shell-init bash)"
  > END
  $ cd "$TMPDIR/shop"
  $ bash -c '. ~/.bashrc; okcd 1 && pwd && okcd task && pwd; okcd 2; okcd && pwd'
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  okstra: error [stage-not-open]: stage 2 of DEV-9436 has no worktree now
  okstra: hint: open it: git okstra stage 2
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $ git okstra shell-init zsh | grep -q okcd && git okstra shell-init fish | grep -q okcd
  $ git okstra shell-init tcsh
  okstra: error [usage]: invalid value for *: 'tcsh' is not one of 'bash', 'zsh', 'fish' (glob)
  okstra: hint: git okstra help shell-init
  [2]
