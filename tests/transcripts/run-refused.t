A stage that goes wrong stops only what stands on it, and the words say what to do.

  $ . "$TESTDIR/setup"
  $ ticket
  $ cat >~/agent <<'END'
  > #!/bin/sh
  > [ $OKSTRA_STAGE != 1 ] || { echo "no such voucher" >&2; exit 7; }
  > mkdir -p shop && echo 1 >shop/price.py && git add shop && git commit --quiet -m "Work on stage $OKSTRA_STAGE"
  > END
  $ chmod +x ~/agent
  $ git okstra run -j 1 -- ~/agent
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: stage 1 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: error [command-failed]: stage 1: its command ended with exit status 7
  okstra:     no such voucher
  okstra: hint: see all that it wrote: less '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*/stage-1.log' (glob)
  okstra: hint: mend the cause, then go on where it stands: git okstra run 1 -- $TMPDIR/home/agent
  okstra: hint: or finish it by hand, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', then: OKSTRA_OWNER=ada@example/s1 git okstra done 1
  okstra: stage 2 begins in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s2'
  okstra: stage 2 is done: 1 commit, 1 file, at bd2255c95be9
  okstra: stage 2 is merged
  okstra: stage 3 is left, for it stands on stage 1
  okstra: stage 4 is left, for it stands on stage 1
  okstra: 1 stage merged, 1 failed, 2 left
  2 01dfdcab0c22d4c6bf0b7bdd214fd3cd54a5df10
  [1]
  $ git okstra run 1 --timeout 1s -- sleep 60 2>&1 | grep -v 'less\|is kept'
  okstra: stage 1 goes on in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: error [timed-out]: stage 1: its command did not end within 1 s, and was ended
  okstra: hint: give it more time, or see what it waits for, then go on where it stands: git okstra run 1 -- sleep 60
  okstra: hint: or finish it by hand, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', then: OKSTRA_OWNER=ada@example/s1 git okstra done 1
  okstra: 0 stages merged, 1 failed
  $ git okstra run 1 -- true
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: stage 1 goes on in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: error [no-commits]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [no-commits] the branch 'feat-dev-9436-s1' has no commit of its own since 11aaa519a1ae
  okstra:   [verify-failed] the verify command 'test -s shop/voucher.py' failed with exit status 1
  okstra: hint: if that is right: OKSTRA_OWNER=ada@example/s1 git okstra done 1 --allow-empty
  okstra: hint: mend it in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', commit, then: OKSTRA_OWNER=ada@example/s1 git okstra done 1
  okstra: 0 stages merged, 1 failed
  [1]
  $ git okstra run 1 -- sh -c 'echo more >>README.md'
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: stage 1 goes on in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra: error [dirty-worktree]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [dirty-worktree] the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' has uncommitted changes: README.md
  okstra:   [no-commits] the branch 'feat-dev-9436-s1' has no commit of its own since 11aaa519a1ae
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' status
  okstra: hint: then commit them, or move them away
  okstra: hint: if that is right: OKSTRA_OWNER=ada@example/s1 git okstra done 1 --allow-empty
  okstra: 0 stages merged, 1 failed
  [1]
  $ git -C "$(git okstra path 1)" checkout --quiet README.md
  $ git okstra run 1 --retry 1 --json -- sh -c 'exit 1' >~/events
  [1]
  $ sed -n '/"retrying"\|"failed"\|"ended"/s/"time": "[^"]*", //p' ~/events | sed 's/, "hint.*/ .../'
  {"schema": "okstra.run/1", "event": "retrying", "stage": 1, "attempt": 2, "retries_left": 0, "code": "command-failed", "message": "its command ended with exit status 1" ...
  {"schema": "okstra.run/1", "event": "failed", "stage": 1, "code": "command-failed", "message": "its command ended with exit status 1" ...
  {"schema": "okstra.run/1", "event": "ended", "merged": [], "failed": {"1": "command-failed"}, "stopped": [], "left": [], "complete": false}

What a person has open is theirs.

  $ OKSTRA_OWNER=ada@example/s1 git okstra release 1 2>/dev/null && git okstra stage 1 2>/dev/null
  $TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1
  $ git okstra run -- ~/agent
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: error [held]: stage 1 of DEV-9436 is held by ada@example since *, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' (glob)
  okstra: hint: close it when it is finished: git okstra done 1
  okstra: hint: or have it given back for a run: git okstra release 1
  okstra: stage 3 is left, for it stands on stage 1
  okstra: stage 4 is left, for it stands on stage 1
  okstra: 0 stages merged, 1 failed, 2 left
  [1]

Something has to be run, and what is to be run has to be there.

  $ git okstra run make test
  okstra: error [usage]: the command comes after '--': git okstra run [N]... -- COMMAND
  okstra: hint: git okstra help run
  [2]
  $ git okstra run 1 sh -c true
  okstra: error [usage]: the command comes after '--': git okstra run [N]... -- COMMAND
  okstra: hint: git okstra help run
  [2]
  $ git okstra run -j x 1 -- true
  okstra: error [usage]: invalid value for '--jobs' / '-j': 'x' is not a valid integer range
  okstra: hint: git okstra help run
  [2]
  $ git okstra run
  okstra: error [usage]: no command was named
  okstra: hint: run a command in each stage: git okstra run -- COMMAND
  okstra: hint: or an agent: git okstra run --agent NAME
  [2]
  $ git okstra run --agent claude -- make
  okstra: error [usage]: both an agent and a command were named
  okstra: hint: run a command in each stage: git okstra run -- COMMAND
  okstra: hint: or an agent: git okstra run --agent NAME
  [2]
  $ git okstra run --keep-going --fail-fast -- make
  okstra: error [usage]: --keep-going and --fail-fast exclude each other
  okstra: hint: git okstra help run
  [2]
  $ git okstra run --timeout soon -- make
  okstra: error [usage]: 'soon' is no time such as 90, 90s, 10m or 1h30m
  okstra: hint: git okstra help run
  [2]
  $ git okstra run -- no-such-program
  okstra: error [usage]: there is no program 'no-such-program' on PATH
  okstra: hint: install it, or name one that is there
  [2]
  $ git okstra run --agent no-such-agent
  okstra: error [bad-config]: there is no agent 'no-such-agent': agents.no-such-agent.command is not set
  okstra: hint: say how it is started: git okstra config set agents.no-such-agent.command -- PROGRAM ARGUMENT...
  okstra: hint: see the agents there are: git okstra config list
  [2]
  $ git okstra config set agents.mine.command work '{worktre}'
  okstra: agents.mine.command is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra run --agent mine
  okstra: error [bad-config]: agents.mine.command has the placeholder '{worktre}', which means nothing; there are: {worktree}, {brief}, {task}, {stage}, {main}, {git_common_dir}
  okstra: hint: see where it is set: git okstra config get agents.mine.command --scope all
  [2]
  $ git okstra run 9 -- true
  okstra: error [no-such-stage]: the plan has no stage 9; it has 1, 2, 3, 4
  okstra: hint: see the plan: git okstra plan show
  [2]
  $ git okstra run --json 9 -- true
  {
    "error": {
      "code": "no-such-stage",
      "message": "the plan has no stage 9; it has 1, 2, 3, 4",
      "hint": "see the plan: git okstra plan show"
    }
  }
  [2]

An agent of the project's committed file is run only when a person has approved its command.

  $ git okstra config set --scope project agents.ours.command -- echo '{stage} of {task}'
  okstra: agents.ours.command is set in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436/.okstra.toml'
  $ git okstra run 2 --agent ours
  okstra: error [untrusted-command]: the project's file says how the agent is started, and nobody approved it: agent ours: echo '{stage} of {task}'
  okstra: hint: look at it, then allow exactly this from now on: git okstra config trust
  [1]
  $ git okstra config trust --yes
  okstra: the project's file wants to run:
  okstra:   agent ours: echo '{stage} of {task}'
  okstra: they are trusted
  $ git okstra run 2 --agent ours
  okstra: what the commands write is kept in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/runs/*' (glob)
  okstra: nothing was left to do
  $ git okstra config set profiles.implementation.agents claude
  okstra: profiles.implementation.agents is set in '$TMPDIR/shop/.git/okstra/config.toml'
  $ git okstra run --agent ours
  okstra: error [agent-not-allowed]: the agent 'ours' may not work in the phase implementation; those who may: claude
  okstra: hint: name one that may: --agent claude
  okstra: hint: see who says so: git okstra config get profiles.implementation.agents --scope all
  [1]
