Any operation that nothing was built on is taken back by its id.

  $ . "$TESTDIR/setup"
  $ id_of() { git okstra log --operations | grep "git okstra $1" | tail -1 | cut -d' ' -f1; }
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py && git okstra config set trash.keep 3d 2>/dev/null
  $ git okstra undo "$(id_of 'stage 1')"
  okstra: error [undo-refused]: 'git okstra stage 1' cannot be taken back
  okstra:   ada@example has built on it since: done (stage 1)
  okstra:   the branch 'feat-dev-9436-s1' is at d95fe1bdcff6 now; the operation left it at 11aaa519a1ae
  okstra: hint: take that back first: git okstra undo ????????T??????-???????? (glob)
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra undo "$(id_of done)"
  okstra: took back: git okstra done
  okstra:   take back in the journal of DEV-9436: done (stage 2)
  ????????T??????-???????? (glob)
  $ git okstra undo "$(id_of done)"
  okstra: error [undo-refused]: 'git okstra done' was taken back already
  okstra: hint: do it again: git okstra undo ????????T??????-???????? (glob)
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra done 2 2>/dev/null
  8b1908fe7b34e664802488732d305b233d0398a5
  $ git okstra merge >/dev/null 2>&1 && work 3 shop/checkout.py
  $ git okstra undo "$(id_of merge)"
  okstra: error [undo-refused]: 'git okstra merge' cannot be taken back: stage 3 started from the task branch as it is now
  okstra: hint: take that back first: git okstra undo ????????T??????-???????? (glob)
  okstra: hint: see what was done since: git okstra log --operations
  [1]

A plan that was edited is the approved one again:

  $ GIT_EDITOR="sed -i s/Manual/Handbook/" git okstra plan edit >/dev/null 2>&1; git okstra undo
  okstra: took back: git okstra plan edit
  okstra:   take back in the journal of DEV-9436: plan-imported
  okstra:   put plan.toml of DEV-9436 back
  ????????T??????-???????? (glob)
  $ git okstra plan show 2>&1 | grep -e Handbook -e Manual
  ╰─○ 4 Manual         ← 1

What a hand-off did on this machine goes back; what was pushed does not:

  $ work 4 docs/a && git okstra merge >/dev/null 2>&1 && accepted
  $ git okstra handoff --yes --action commit --squash >/dev/null 2>&1 && git okstra undo --yes
  okstra: took back: git okstra handoff --yes --action commit --squash
  okstra:   move 'feat-dev-9436' back to e459f17ee6aa
  okstra:   take back in the journal of DEV-9436: phase, squashed, handed-off
  okstra:   put task.toml of DEV-9436 back
  ????????T??????-???????? (glob)
  $ git okstra undo --yes && git log --oneline && git okstra undo --yes 2>/dev/null
  okstra: took back: git okstra undo --yes
  okstra:   move 'feat-dev-9436' back to 3b5fa1b8daa1
  okstra:   take back in the journal of DEV-9436: undone
  okstra:   put task.toml of DEV-9436 back
  okstra: so this stands again: git okstra handoff --yes --action commit --squash
  ????????T??????-???????? (glob)
  3b5fa1b feat: Vouchers in the checkout (DEV-9436)
  11aaa51 first commit
  ????????T??????-???????? (glob)
  $ echo more >>docs/a && git add docs/a && git okstra handoff --yes --action commit >/dev/null 2>&1
  $ git okstra undo --yes && git status --short && git reset -q --hard
  okstra: took back: git okstra handoff --yes --action commit
  okstra:   move 'feat-dev-9436' back to e459f17ee6aa, what it committed staged again
  okstra:   take back in the journal of DEV-9436: phase, handed-off
  okstra:   put task.toml of DEV-9436 back
  ????????T??????-???????? (glob)
  M  docs/a
  $ remote && git okstra handoff --yes --action pr --pr-base main --remote origin >/dev/null 2>&1
  $ git okstra undo
  okstra: error [undo-refused]: 'git okstra handoff --yes --action pr --pr-base main --remote origin' cannot be taken back: the branch was pushed, and what others have cannot be taken back
  okstra: hint: go on from there: git okstra phase implementation
  okstra: hint: see what was done since: git okstra log --operations
  [1]

A task whose work is in its base is pruned, and comes back; what is emptied from the trash does not:

  $ cd "$TMPDIR/shop" && git merge -q --ff-only feat-dev-9436 && git okstra prune >/dev/null 2>&1 && git okstra undo
  okstra: took back: git okstra prune
  okstra:   bring task DEV-9436 back from the trash
  okstra:   bring stage 1 of DEV-9436 back from the trash
  okstra:   bring stage 2 of DEV-9436 back from the trash
  okstra:   bring stage 3 of DEV-9436 back from the trash
  okstra:   bring stage 4 of DEV-9436 back from the trash
  okstra:   take back in the journal of DEV-9436: what was answered by the steps above
  ????????T??????-???????? (glob)
  $ git okstra prune >/dev/null 2>&1; git okstra config set trash.keep 0s 2>/dev/null && git okstra prune >/dev/null 2>&1
  $ git okstra undo
  okstra: error [undo-refused]: 'git okstra prune' cannot be taken back: what the trash is emptied of is gone for good
  okstra: hint: see what was done since: git okstra log --operations
  [1]
  $ git okstra undo "$(git okstra log --operations | grep prune | tail -2 | head -1 | cut -d' ' -f1)" 2>&1 | tail -2
  okstra:   the trash has been emptied of stage 4 of DEV-9436
  okstra: hint: see what was done since: git okstra log --operations
