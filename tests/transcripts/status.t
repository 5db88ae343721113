One task in detail, from its start to its end. The last line says what to type next.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 --title 'Vouchers in the checkout' 2>/dev/null)"
  $ git okstra status
  DEV-9436  Vouchers in the checkout
    phase   implementation (light)
    branch  feat-dev-9436 (0 ahead of main)
    owner   ada@example, since ????-??-??T??:??:??Z (glob)
    path    $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  
  no plan yet
  
  next: git okstra plan edit
  next: git okstra plan import FILE
  $ git okstra plan import ~/plan.md >/dev/null 2>&1
  $ git okstra status
  DEV-9436  Vouchers in the checkout
    phase   implementation (light)
    branch  feat-dev-9436 (0 ahead of main)
    owner   ada@example, since ????-??-??T??:??:??Z (glob)
    path    $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  
  plan, 4 stages, not approved
  ○   1 Voucher model  waiting
  │ ○ 2 Price          waiting
  │ │
  ├─○ 3 Checkout page  waiting  ← 1, 2
  ╰─○ 4 Manual         waiting  ← 1
  
  next: git okstra plan check
  next: git okstra plan approve
  $ git okstra plan approve --yes >/dev/null 2>&1
  $ work 1 shop/voucher.py && git okstra merge >/dev/null 2>&1
  $ OKSTRA_OWNER=ben@example git okstra stage 2 >/dev/null 2>&1
  $ git okstra status
  DEV-9436  Vouchers in the checkout
    phase   implementation (light)
    branch  feat-dev-9436 (2 ahead of main)
    owner   ada@example, since ????-??-??T??:??:??Z (glob)
    path    $TMPDIR/okstra/worktrees/shop/dev/dev-9436
  
  plan, 4 stages, approved
  ●   1 Voucher model  merged
  │ ◐ 2 Price          open
  │ │
  ├─○ 3 Checkout page  waiting  ← 1, 2
  ╰─◎ 4 Manual         ready    ← 1
  
  STAGE  STATE   BRANCH            +/-  OWNER        AGE  PATH
  1      merged  feat-dev-9436-s1  -1   ada@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1 (glob)
  2      open    feat-dev-9436-s2  -2   ben@example  * $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2 (glob)
  
  ready: 4
  next: git okstra stage 4
  $ git okstra status --json | python3 -c '
  > import json, sys
  > status = json.load(sys.stdin)
  > print(status["task"]["ahead"], status["ready"], status["next"])
  > '
  2 [4] ['git okstra stage 4']

From elsewhere, and of a task that is not there any more:

  $ cd "$TMPDIR/shop"
  $ OKSTRA_OWNER=ben@example git okstra abandon 2 >/dev/null 2>&1
  $ git okstra remove task -D >/dev/null 2>&1
  $ git okstra status DEV-9436
  DEV-9436  Vouchers in the checkout
    phase   implementation (light)
    branch  feat-dev-9436
    owner   nobody
    path    (none)
    state   removed
  
  plan, 4 stages, approved
  ◉   1 Voucher model  done
  │ ✕ 2 Price          abandoned
  │ │
  ├─○ 3 Checkout page  waiting    ← 1, 2
  ╰─◎ 4 Manual         ready      ← 1
  
  STAGE  STATE  BRANCH            +/-  OWNER        AGE  PATH
  1      done   feat-dev-9436-s1       ada@example  * (glob)
  
  next: git okstra restore
  next: git okstra start feat DEV-9436
