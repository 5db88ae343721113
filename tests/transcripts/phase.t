The phase says what may be committed where; `light` begins with the implementation, `full` with the requirements.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 2>/dev/null)"
  $ git okstra phase
  okstra: commits on the task branch: merges of done stages; without a plan any commit
  okstra: commits on stage branches: files the approved plan lists
  okstra: push: no (light: plain pushes of governed branches)
  implementation
  $ cd "$(git okstra start fix DEV-7 --lifecycle full 2>/dev/null)"
  $ git okstra phase
  okstra: commits on the task branch: only paths in policy.docs
  okstra: commits on stage branches: none
  okstra: push: no
  requirements-discovery
  $ git okstra phase --task DEV-9436 --json
  {
    "schema": "okstra.phase/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "lifecycle": "light",
    "phase": "implementation",
    "next": "final-verification",
    "permits": {
      "task_commits": "merges of done stages; without a plan any commit",
      "stage_commits": "files the approved plan lists",
      "push": "no (light: plain pushes of governed branches)"
    },
    "missing": [
      {
        "code": "phase-not-ready",
        "message": "the phase final-verification begins with an accepted verdict, and there is none yet",
        "hint": "git okstra verify"
      }
    ],
    "notes": []
  }

A phase changes only when a person says so; what the next one permits is said first.

  $ git okstra phase next --dry-run
  okstra: error-analysis permits:
  okstra:   commits on the task branch: only paths in policy.docs
  okstra:   commits on stage branches: none
  okstra:   push: no
  okstra: DEV-7 would move from requirements-discovery to error-analysis
  okstra: nothing was changed (--dry-run)
  requirements-discovery
  $ git okstra phase next
  okstra: error-analysis permits:
  okstra:   commits on the task branch: only paths in policy.docs
  okstra:   commits on stage branches: none
  okstra:   push: no
  okstra: error [needs-yes]: moving to another phase is a person's decision
  okstra: hint: if you are that person: git okstra phase error-analysis --yes
  [2]
  $ git okstra phase next --yes
  okstra: error-analysis permits:
  okstra:   commits on the task branch: only paths in policy.docs
  okstra:   commits on stage branches: none
  okstra:   push: no
  okstra: DEV-7 moved from requirements-discovery to error-analysis
  error-analysis
  $ git okstra phase error-analysis --yes
  okstra: DEV-7 is in the phase error-analysis already
  error-analysis
  $ git okstra phase implementation --yes --json
  {
    "schema": "okstra.phase/1",
    "task": {
      "key": "shop/dev/dev-7",
      "id": "DEV-7"
    },
    "lifecycle": "full",
    "phase": "implementation",
    "from": "error-analysis",
    "to": "implementation",
    "permits": {
      "task_commits": "merges of done stages; without a plan any commit",
      "stage_commits": "files the approved plan lists",
      "push": "no (light: plain pushes of governed branches)"
    },
    "verdict_voided": false,
    "notes": []
  }
  $ git okstra log -n 1
  ????-??-??T??:??:??Z  ada@example  phase  from=error-analysis to=implementation head=11aaa519a1ae (glob)

Moving back is allowed. Before a phase begins something may be missing; and a task has only the phases of its lifecycle.

  $ git okstra plan import ~/plan.md >/dev/null 2>&1
  $ git okstra phase implementation-planning --yes >/dev/null 2>&1
  $ git okstra phase next --yes
  okstra: error [plan-not-approved]: DEV-7 cannot go to implementation: the plan is not approved as it is, and the implementation follows an approved plan
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
  $ git okstra plan approve --yes >/dev/null 2>&1 && git okstra phase next --yes
  okstra: implementation permits:
  okstra:   commits on the task branch: merges of done stages; without a plan any commit
  okstra:   commits on stage branches: files the approved plan lists
  okstra:   push: no (light: plain pushes of governed branches)
  okstra: DEV-7 moved from implementation-planning to implementation
  implementation
  $ git okstra phase next --yes
  okstra: error [phase-not-ready]: DEV-7 cannot go to final-verification: the phase final-verification begins with an accepted verdict, and there is none yet
  okstra: hint: git okstra verify
  [1]
  $ git okstra phase release --yes
  okstra: error [no-such-phase]: a full task has no phase 'release'; its phases: requirements-discovery error-analysis implementation-planning implementation final-verification release-handoff
  okstra: hint: go to one of them: git okstra phase implementation
  [2]
  $ git okstra phase implementation-planning --task DEV-9436 --yes
  okstra: error [no-such-phase]: a light task has no phase 'implementation-planning'; its phases: implementation final-verification release-handoff
  okstra: hint: go to one of them: git okstra phase implementation* (glob)
  [2]
