What cannot be taken back is left alone, and every reason is said.

  $ . "$TESTDIR/setup"
  $ git okstra undo
  okstra: error [nothing-to-undo]: the operation log knows no operation that changed anything
  okstra: hint: see them: git okstra log --operations
  [1]
  $ ticket
  $ git okstra undo
  okstra: error [needs-yes]: taking 'git okstra plan approve --yes' back is a person's decision
  okstra: hint: if you are that person: git okstra undo --yes
  [2]
  $ cd "$(git okstra stage 1 2>/dev/null)" && echo draft >shop.txt && cd "$TMPDIR/shop"
  $ git okstra undo
  okstra: error [undo-refused]: 'git okstra stage 1' cannot be taken back: stage 1 of DEV-9436 has 1 untracked file(s) that no commit holds: shop.txt
  okstra: hint: commit them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' add -A && git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' commit
  okstra: hint: or take it along to the trash: git okstra remove 1 -D -f
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ OKSTRA_OWNER=bob@example git okstra undo
  okstra: error [held]: 'git okstra stage 1' was done by ada@example, who alone takes it back
  okstra: hint: see who did what: git okstra log --operations
  [3]
  $ rm "$(git okstra path 1)/shop.txt"
  $ cd "$(git okstra path 1)" && commit shop/voucher.py && cd "$TMPDIR/shop"
  $ git okstra undo
  okstra: error [undo-refused]: 'git okstra stage 1' cannot be taken back: the branch 'feat-dev-9436-s1' is at d95fe1bdcff6 now; the operation left it at 11aaa519a1ae
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra done 1 >/dev/null 2>&1 && git okstra stage 4 >/dev/null 2>&1
  $ git okstra undo "$(git okstra log --operations | grep 'done 1' | cut -d' ' -f1)"
  okstra: error [undo-refused]: 'git okstra done 1' cannot be taken back: stage 4 started from stage 1
  okstra: hint: take that back first: git okstra undo ????????T??????-???????? (glob)
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra undo 20200101T000000-00000000
  okstra: error [nothing-to-undo]: the operation log knows no operation '20200101T000000-00000000'
  okstra: hint: see them: git okstra log --operations
  [1]
  $ git okstra log --operations --stage 1
  okstra: error [usage]: operations are not kept by stage
  okstra: hint: leave out --stage
  [2]
