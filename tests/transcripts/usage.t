A command that does not exist, and an option that does not:

  $ . "$TESTDIR/setup"
  $ git okstra begin
  okstra: error [usage]: there is no command 'begin'
  okstra: hint: see them all: git okstra -h
  [2]
  $ git okstra list --tall
  okstra: error [usage]: *--tall* (glob)
  okstra: hint: git okstra help list
  [2]

A category that is not configured, an id that gives no name, a base that is no commit:

  $ git okstra start feta DEV-9436 --base main
  okstra: error [unknown-category]: 'feta' is no category; there are: feat fix hotfix chore docs refactor perf test build ci style
  okstra: hint: did you mean: git okstra start feat ID
  [2]
  $ git okstra start feat '///' --base main
  okstra: error [bad-name]: the id '///' holds no letter or digit
  okstra: hint: use letters, digits, '.', '_' and '-'
  [2]
  $ git okstra start feat DEV-9436 --base nowhere
  okstra: error [bad-revision]: 'nowhere' does not name a commit here
  okstra: hint: see what there is: git branch --all; fetch first: git okstra start … --fetch
  [2]

None of them changed anything.

  $ git worktree list
  $TMPDIR/shop  ??????? [main] (glob)
  $ git branch --list
  * main
  $ git okstra list
  okstra: no task is open; begin with: git okstra start feat ID
  $ git okstra status
  okstra: error [no-such-task]: no task is open in this repository
  okstra: hint: git okstra start feat ID
  [2]
