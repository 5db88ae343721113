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
    "notes": []
  }
