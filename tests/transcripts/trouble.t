A home that is no directory:

  $ . "$TESTDIR/setup"
  $ echo >"$TMPDIR/file"
  $ OKSTRA_HOME=$TMPDIR/file git okstra start feat DEV-9436
  okstra: error [cannot-write]: cannot write '$TMPDIR/file': File exists
  okstra: hint: something else stands there; move it away, or set OKSTRA_HOME elsewhere; nothing was half written
  [1]
  $ git worktree list
  $TMPDIR/shop  11aaa51 [main]

A home inside the repository:

  $ OKSTRA_HOME=$PWD/.okstra git okstra start feat DEV-9436
  okstra: error [bad-config]: the directory of git okstra, '$TMPDIR/shop/.okstra', lies in the worktree '$TMPDIR/shop' of this repository, where 'git add -A' would record what is made in it
  okstra: hint: choose one outside of it: OKSTRA_HOME=DIR git okstra …
  [2]

A lock that somebody holds, and a person who does not want to wait:

  $ ticket
  $ (exec 9<"$OKSTRA_HOME/registry/lock"; flock 9; exec sleep 60) & holder=$!
  $ OKSTRA_LOCK_TIMEOUT=1s git okstra stage 1
  okstra: error [busy]: another git okstra has held the registry lock for more than 1s
  okstra: hint: see who has it: fuser '$TMPDIR/okstra/registry/lock'
  okstra: hint: or wait longer: OKSTRA_LOCK_TIMEOUT=300s git okstra …
  [3]
  $ timeout --preserve-status --signal INT 2 git okstra stage 1
  okstra: error [interrupted]: stopped before it was done
  okstra: hint: to go on, run the same command again
  [130]
  $ kill $holder
  $ git okstra stage 1 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1

What git says when it fails is passed on: a remote that is not there, a hook of one's own that refuses, no git at all.

  $ git remote add origin ../nowhere
  $ git okstra start fix DEV-7 --fetch
  okstra: error [git-failed]: git fetch failed: fatal: '../nowhere' does not appear to be a git repository
  okstra: fatal: Could not read from remote repository.
  okstra:
  okstra: Please make sure you have the correct access rights
  okstra: and the repository exists.
  okstra: hint: see each call: OKSTRA_TRACE=1 git okstra …
  [128]
  $ cat >"$TMPDIR/shop/.git/hooks/reference-transaction" <<END
  > #!/bin/sh
  > echo "no branch is moved on a Friday" >&2
  > exit 1
  > END
  $ chmod +x "$TMPDIR/shop/.git/hooks/reference-transaction"
  $ git okstra abandon 1
  okstra: error [git-failed]: git update-ref failed: no branch is moved on a Friday
  okstra: no branch is moved on a Friday
  okstra: fatal: ref updates aborted by hook
  okstra: hint: see each call: OKSTRA_TRACE=1 git okstra …
  [128]
  $ rm "$TMPDIR/shop/.git/hooks/reference-transaction"
  $ PATH=$(dirname "$(command -v git-okstra)") git-okstra list
  okstra: error [git-failed]: git cannot be started: No such file or directory
  okstra: hint: install git and put it on PATH
  [128]

A fault of ours is said in one message, too.

  $ OKSTRA_CRASH_AT=soon git okstra merge --json
  {
    "error": {
      "code": "internal",
      "message": "a fault in git okstra: ValueError: invalid literal for int() with base 10: 'soon'",
      "hint": "see where, and report it: OKSTRA_TRACE=1 git okstra …"
    }
  }
  [1]
