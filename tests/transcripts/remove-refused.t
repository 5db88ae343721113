What would be lost from sight is not removed unasked; everything that speaks against it is said at once.

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py && echo idea >idea.txt && cd "$TMPDIR/shop"
  $ git okstra remove 1
  okstra: error [dirty-worktree]: 2 things speak against it:
  okstra:   stage 1 of DEV-9436 has 1 untracked file(s) that no commit holds: idea.txt
  okstra:   stage 1 of DEV-9436 has 1 commit that is on no other branch: d95fe1b change shop/voucher.py
  okstra: hint: commit them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' add -A && git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' commit
  okstra: hint: keep them on a branch: git branch NAME d95fe1bdcff6
  okstra: hint: or take it along to the trash: git okstra remove 1 -f -D
  [1]
  $ (cd "$(git okstra path 1)" && git add idea.txt && git commit -q -m "an idea")
  $ git okstra remove 1 -f
  okstra: error [unmerged-commits]: stage 1 of DEV-9436 has 2 commits that are on no other branch: 9618852 an idea, d95fe1b change shop/voucher.py
  okstra: hint: keep them on a branch: git branch NAME 9618852183d3
  okstra: hint: or take it along to the trash: git okstra remove 1 -f -D
  [1]

A lock, and a process that stands in it:

  $ git worktree lock --reason "on a stick" "$(git okstra path 1)"
  $ git okstra remove 1 -D
  okstra: error [worktree-locked]: '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' is locked (git worktree lock): on a stick
  okstra: hint: unlock it: git worktree unlock '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: hint: then: git okstra remove 1 -D
  [1]
  $ git worktree unlock "$(git okstra path 1)"
  $ cd "$(git okstra path 1)"; sleep 60 & sleeper=$!; cd "$TMPDIR/shop"
  $ git okstra remove 1 -D
  okstra: error [worktree-occupied]: a process has its working directory in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1': * (*) (glob)
  okstra: hint: cd out of it, or see what it is: ps -p * (glob)
  okstra: hint: then: git okstra remove 1 -D
  [1]
  $ kill $sleeper

Somebody else has it:

  $ OKSTRA_OWNER=ben@example git okstra remove 1 -D
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since ????-??-??T??:??:??Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra remove 1 -D
  okstra: hint: if nobody works there any more: git okstra takeover 1
  [3]
  $ git okstra remove 1 -D --json | grep -v trash
  {
    "schema": "okstra.remove/1",
    "removed": [
      {
        "key": "shop/dev/dev-9436#stage-1",
        "path": "$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1",
        "branch": "feat-dev-9436-s1",
        "tip": "9618852183d3129658f453c8ea70392178cc26b6",
        "uncommitted": 0
      }
    ],
    "notes": []
  }
  $ git okstra remove 1
  okstra: error [stage-not-open]: nobody holds stage 1 of DEV-9436
  okstra: hint: see the stages: git okstra status --task dev-9436
  okstra: hint: or what was removed: git okstra restore
  [1]

Work in a submodule is work, too.

  $ git init -q ../parts && git -C ../parts commit -q --allow-empty -m "first part"
  $ cd "$(git okstra stage 2 2>/dev/null)"
  $ git -c protocol.file.allow=always submodule --quiet add ../../../../../parts parts
  $ (cd parts && commit wheel.txt) && git add . && git commit -q -m "add parts" && cd "$TMPDIR/shop"
  $ git okstra remove 2
  okstra: error [submodule-work]: 2 things speak against it:
  okstra:   the submodule 'parts' of stage 2 of DEV-9436 has 1 commit(s) on no remote-tracking branch
  okstra:   stage 2 of DEV-9436 has 1 commit that is on no other branch: 264632a add parts
  okstra: hint: push them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2/parts' push origin HEAD:refs/heads/NAME
  okstra: hint: keep them on a branch: git branch NAME 264632a55546
  okstra: hint: or take it along to the trash: git okstra remove 2 -D
  [1]
  $ git okstra remove 2 -D 2>/dev/null | wc -l
  1
