In a large repository a stage need not have all files. What the plan lists for it is there, what the configuration always
wants, and what symbolic links there lead to.

  $ . "$TESTDIR/setup"
  $ mkdir -p shop/cart assets/video tools && echo 'x' | tee shop/cart/total.py assets/video/intro tools/lint shop/price.py > tools/fmt
  $ ln -s ../../tools/lint shop/cart/lint
  $ git add . && git commit -qm 'A shop'
  $ cd "$(git okstra start feat DEV-1 --base main 2>/dev/null)"
  $ cat > plan.toml <<'PLAN'
  > [[stage]]
  > number = 1
  > title = "Totals"
  > files = ["shop/cart/*.py"]
  > [[stage]]
  > number = 2
  > title = "Words"
  > files = ["*.md"]
  > PLAN
  $ git okstra plan import plan.toml 2>/dev/null && git okstra plan approve --yes
  sha256:4c5bb186983e9f4d07eaa5cdf426de3c6afa174c46726709754716c019515029
  okstra: the plan of DEV-1 is approved by ada@example
  sha256:4c5bb186983e9f4d07eaa5cdf426de3c6afa174c46726709754716c019515029
  $ git okstra stage 1 --sparse
  okstra: stage 1 is sparse, with shop/cart, tools; for more: git sparse-checkout add DIRECTORY
  okstra: stage 1 (Totals) on 'feat-dev-1-s1', from 63c0f1d9934a: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-1-s1
  $ cd "$(git okstra path 1)" && ls -R
  .:
  README.md
  shop
  tools
  
  ./shop:
  cart
  price.py
  
  ./shop/cart:
  lint
  total.py
  
  ./tools:
  fmt
  lint
  $ echo y > shop/cart/total.py && git commit -qam 'Totals' && git okstra done
  okstra: stage 1 is done: 1 commit, 1 file, at 048f7197619b
  048f7197619b62aadb2c4797dfd7df71295fe33a
  $ git okstra doctor
  okstra: everything agrees
  $ git sparse-checkout add assets && ls
  README.md
  assets
  shop
  tools

It stays as it was opened. A stage that may need any directory has them all.

  $ git okstra stage 2 --sparse
  okstra: stage 2 is checked out whole: '*.md' may mean a file in any directory
  okstra: stage 2 (Words) on 'feat-dev-1-s2', from 63c0f1d9934a: the anchor, as it depends on nothing
  $TMPDIR/okstra/worktrees/shop/dev/dev-1-s2
  $ git okstra stage 2 --sparse --json | grep sparse
    "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-1-s2",
      "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-1-s2",
      "sparse": false
      "stage 2 is open and stays whole; to change that: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-1-s2' sparse-checkout set --cone DIRECTORY"
  $ git okstra stage 2 --sparse --flat
  okstra: error [usage]: a flat stage works in the task's own worktree, which is never sparse
  okstra: hint: leave out --sparse or --flat
  [2]
