Something stands where the removed worktree was, or its task is not there.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1 && cd "$TMPDIR/shop" && git okstra remove 1 >/dev/null 2>&1
  $ git okstra restore 2
  okstra: error [no-such-trash]: the trash holds no '2'
  okstra: hint: see what it holds: git okstra restore
  [2]
  $ git okstra restore yesterday
  okstra: error [no-such-trash]: the trash holds no 'yesterday'
  okstra: hint: see what it holds: git okstra restore
  [2]
  $ git branch feat-dev-9436-s1 && git commit -q --allow-empty -m more && git branch -f feat-dev-9436-s1
  $ git okstra restore dev-9436-s1
  okstra: error [restore-blocked]: the branch 'feat-dev-9436-s1' exists again, at 2877ff98a908; it was removed at 11aaa519a1ae
  okstra: hint: give that one another name: git branch -m feat-dev-9436-s1 feat-dev-9436-s1-new
  okstra: hint: then: git okstra restore ????????T??????-dev-9436-s1 (glob)
  [1]
  $ git branch -m feat-dev-9436-s1 mine
  $ mkdir "$OKSTRA_HOME/worktrees/shop/dev/dev-9436-s1" && echo mine >"$OKSTRA_HOME/worktrees/shop/dev/dev-9436-s1/notes"
  $ git okstra restore dev-9436-s1
  okstra: error [restore-blocked]: '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is taken by now
  okstra: hint: look at it, then move it away: mv '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1.old'
  okstra: hint: then: git okstra restore ????????T??????-dev-9436-s1 (glob)
  [1]
  $ rm -r "$OKSTRA_HOME/worktrees/shop/dev/dev-9436-s1"
  $ git okstra remove DEV-9436 >/dev/null 2>&1
  $ git okstra restore dev-9436#1
  okstra: error [restore-blocked]: nobody holds task DEV-9436, so its stage 1 has no place to come back to
  okstra: hint: bring the task back first: git okstra restore ????????T??????-dev-9436 (glob)
  okstra: hint: then: git okstra restore ????????T??????-dev-9436-s1 (glob)
  [1]
  $ git okstra restore dev-9436 2>/dev/null && git okstra restore dev-9436#1 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra restore dev-9436#1
  okstra: error [no-such-trash]: the trash holds no 'dev-9436#1'
  okstra: hint: see what it holds: git okstra restore
  [2]
