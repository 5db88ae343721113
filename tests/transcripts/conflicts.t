Conflicts between stages are told while they are worked on, before anybody merges.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cat >~/plan.toml <<'END'
  > [[stage]]
  > number = 1
  > title = "Voucher model"
  > files = ["shop/**"]
  > [[stage]]
  > number = 2
  > title = "Price"
  > files = ["shop/**", "README.md"]
  > END
  $ git okstra plan import ~/plan.toml >/dev/null 2>&1 && git okstra plan approve --yes >/dev/null 2>&1
  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/price.py
  $ git okstra conflicts
  okstra: no conflict between 1 stage, task branch and base
  $ cd "$(git okstra stage 2 2>/dev/null)" && mkdir shop && echo "another price" >shop/price.py
  $ git okstra conflicts
     1  2  task  base
  1     1  ·     ·
  2  1     ·     ·
  stage 1 and stage 2:
    shop/price.py (lines 1-5 of the merged file)
  [1]
  $ git okstra conflicts --committed
  okstra: no conflict between 2 stages, task branch and base
  $ git status --short
  ?? shop/
