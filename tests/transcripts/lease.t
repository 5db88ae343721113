What works under a lease is refused once the lease is another, whoever it says it is.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)" && commit shop/voucher.py
  $ export OKSTRA_TASK=shop/dev/dev-9436 OKSTRA_STAGE=1
  $ OKSTRA_LEASE=7 git okstra done
  okstra: error [taken-over]: stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 1; yours, 7, is over (glob)
  okstra: hint: leave its worktree to them; see who has what: git okstra who --task dev-9436
  [3]
  $ OKSTRA_LEASE=7 git okstra release 1
  okstra: error [taken-over]: stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 1; yours, 7, is over (glob)
  okstra: hint: leave its worktree to them; see who has what: git okstra who --task dev-9436
  [3]
  $ OKSTRA_LEASE=7 git okstra remove 1 --dry-run
  okstra: error [taken-over]: stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 1; yours, 7, is over (glob)
  okstra: hint: leave its worktree to them; see who has what: git okstra who --task dev-9436
  [3]
  $ OKSTRA_LEASE=7 git okstra abandon 1 --json
  {
    "error": {
      "code": "taken-over",
      "message": "stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 1; yours, 7, is over", (glob)
      "hint": "leave its worktree to them; see who has what: git okstra who --task dev-9436"
    }
  }
  [3]
  $ OKSTRA_LEASE=seven git okstra done
  okstra: error [bad-config]: OKSTRA_LEASE must be the number of a lease, not 'seven'
  okstra: hint: what works on a stage sets it; to do without: unset OKSTRA_LEASE
  [2]
  $ OKSTRA_LEASE=1 git okstra done
  okstra: stage 1 is done: 1 commit, 1 file, at d95fe1bdcff6
  d95fe1bdcff6595db11c8e6f48fb228464645064
  $ OKSTRA_LEASE=7 git okstra reopen 1
  okstra: error [taken-over]: stage 1 of DEV-9436 was taken over: ada@example has it since *Z, under lease 1; yours, 7, is over (glob)
  okstra: hint: leave its worktree to them; see who has what: git okstra who --task dev-9436
  [3]

Without a lease it is the owner who counts, and a lease of another stage says nothing of this one.

  $ OKSTRA_LEASE=7 OKSTRA_STAGE=2 git okstra reopen 1
  okstra: stage 1 is open again
  $ OKSTRA_OWNER=ben@example git okstra done 1
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since *Z, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: if ada@example agreed: OKSTRA_OWNER=ada@example git okstra done 1
  okstra: hint: if nobody works there any more: git okstra takeover 1
  [3]

So what is run in another stage goes without it.

  $ OKSTRA_LEASE=7 git okstra exec 1 -- sh -c 'echo "lease: $OKSTRA_LEASE"'
  lease: 7
  $ OKSTRA_LEASE=7 OKSTRA_STAGE=2 git okstra exec 1 -- sh -c 'echo "lease: $OKSTRA_LEASE"'
  lease: 
