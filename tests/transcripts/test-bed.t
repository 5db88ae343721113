What a transcript can rely on: a scratch repository with one commit,

  $ . "$TESTDIR/setup"
  $ git log --format='%h %an <%ae> %aI %D %s'
  ??????? Ada Lovelace <ada@example.com> 2026-01-05T10:00:00+00:00 HEAD -> main first commit (glob)
  $ commit src/cart.py docs/cart.md
  $ git log --oneline --name-only -1
  ??????? change src/cart.py docs/cart.md (glob)
  docs/cart.md
  src/cart.py

the same owner and places everywhere,

  $ echo "$OKSTRA_OWNER $OKSTRA_HOME $HOME"
  ada@example $TMPDIR/okstra $TMPDIR/home
  $ pwd
  $TMPDIR/shop

standard output and standard error in the order in which they were written, and exit statuses.

  $ echo one; echo two >&2; echo three
  one
  two
  three
  $ (exit 3)
  [3]
