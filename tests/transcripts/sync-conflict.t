Bringing a stage up to date stops at a conflict, as a merge does.

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ sed -i 's/`docs.*`  /`docs\/**`, `shop\/voucher.py` /' ~/plan.md
  $ ticket
  $ work 1 shop/voucher.py
  $ cd "$(git okstra stage 4 2>/dev/null)" && echo "another voucher" >shop/voucher.py && commit docs/voucher.md shop/voucher.py
  $ git okstra reopen 1 >/dev/null 2>&1
  $ (cd "$(git okstra path 1)" && echo "a better voucher" >shop/voucher.py && git commit -qam "better" && git okstra done 1 >/dev/null 2>&1)
  $ git okstra sync
  okstra: error [merge-conflict]: stage 4 conflicts with bf60cdfdd364, its new base, in shop/voucher.py, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4'
  okstra: hint: resolve them, git add them, then: git okstra sync 4 --continue
  okstra: hint: or give it up: git okstra sync 4 --abort
  [1]
  $ git status --short
  UU shop/voucher.py
  $ git okstra status | grep "^not over"
  not over: stage 4 is being brought up to date: git okstra sync 4 --continue
  $ git okstra done
  okstra: error [merge-in-progress]: bringing stage 4 of DEV-9436 up to date is not over
  okstra: hint: go on: git okstra sync 4 --continue
  okstra: hint: or give that up: git okstra sync 4 --abort
  [1]

It can be given up,

  $ git okstra sync --abort
  okstra: bringing stage 4 up to date is given up; its branch stays at 5bb87c493463
  $ git status --short

or the conflict is resolved. With '--rebase' the stage's commits are made anew, on what its dependency has now.

  $ git okstra sync --rebase
  okstra: error [merge-conflict]: stage 4 conflicts with bf60cdfdd364, its new base, in shop/voucher.py, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4'
  okstra: hint: resolve them, git add them, then: git okstra sync 4 --continue
  okstra: hint: or give it up: git okstra sync 4 --abort
  [1]
  $ git okstra sync --continue
  okstra: error [merge-conflict]: stage 4 conflicts with bf60cdfdd364, its new base, in shop/voucher.py, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s4'
  okstra: hint: resolve them, git add them, then: git okstra sync 4 --continue
  okstra: hint: or give it up: git okstra sync 4 --abort
  [1]
  $ echo "both vouchers" >shop/voucher.py && git add shop/voucher.py
  $ git okstra sync --continue
  okstra: stage 4 is rebased onto bf60cdfdd364
  4 f5cebe52b1cd58ebe4e9ed59aaa880e37010e7a2
  $ git log --oneline --format="%h %s" main..
  f5cebe5 change docs/voucher.md shop/voucher.py
  bf60cdf better
  d95fe1b change shop/voucher.py
  $ git status --short --branch
  ## feat-dev-9436-s4
  $ git okstra sync --continue
  okstra: error [no-merge]: stage 4 is not being brought up to date
  okstra: hint: begin: git okstra sync 4
  [1]
  $ git okstra done 2>&1 >/dev/null
  okstra: stage 4 is done: 1 commit, 2 files, at f5cebe52b1cd
