A repository is set up by the first command that needs it; `init` does only that.

  $ . "$TESTDIR/setup"
  $ git okstra init --dry-run
  okstra: project 'shop' would be set up, store in '$TMPDIR/shop/.git/okstra'
  okstra: nothing was changed (--dry-run)
  shop
  $ test -e .git/okstra
  [1]

  $ git okstra init
  okstra: project 'shop' is set up, store in '$TMPDIR/shop/.git/okstra'
  shop
  $ git okstra init
  okstra: project 'shop' is set up already, store in '$TMPDIR/shop/.git/okstra'
  shop
  $ git okstra init --json
  {
    "schema": "okstra.init/1",
    "status": "reused",
    "project": "shop",
    "store": "$TMPDIR/shop/.git/okstra",
    "notes": []
  }

Nothing of it is in the working tree.

  $ git status --short

A repository of the same name that is not a clone of it gets a name of its own; a clone shares it.

  $ mkdir ../other && cd ../other && git init -q shop && cd shop && git commit -q --allow-empty -m "another shop" && git okstra init
  okstra: another repository is called 'shop' already, so this one is called 'shop-2'
  okstra: project 'shop-2' is set up, store in '$TMPDIR/other/shop/.git/okstra'
  shop-2
  $ mkdir ../../clones && cd ../../clones && git clone -q ../shop && cd shop && git okstra init
  okstra: project 'shop' is set up, store in '$TMPDIR/clones/shop/.git/okstra'
  shop
