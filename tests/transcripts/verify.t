The gate judges a whole task. Everything that speaks against it is said at once, each with what resolves it.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py && git okstra merge 1 >/dev/null 2>&1
  $ git okstra config set verify.commands 'ls shop' 'grep -q a shop/price.py' 2>/dev/null
  $ echo "a line of notes" >notes && git add notes && echo idea >idea.txt
  $ git -c core.hooksPath=/dev/null commit -q -m "change notes"
  $ git okstra verify
  $TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/reports/*-8d7bd7d122b5/report.json (glob)
  okstra: error [stage-not-merged]: DEV-9436 at 8d7bd7d122b5 is rejected, for 5 reasons:
  okstra:   [stage-not-merged] the recorded head 8b1908fe7b34 of stage 2 is not in the task branch 'feat-dev-9436'
  okstra:   [stage-not-done] stage 3 is ready, not done
  okstra:   [stage-not-done] stage 4 is ready, not done
  okstra:   [dirty-worktree] the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' has uncommitted changes: idea.txt
  okstra:   [foreign-commit] the commit 8d7bd7d122b5 (change notes) is on the task branch, which takes only merges of done stages under a plan
  okstra: hint: git okstra merge 2
  okstra: hint: git okstra stage 3
  okstra: hint: git okstra stage 4
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' status
  okstra: hint: then have a stage commit them, or move them away
  okstra: hint: look at it: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' show 8d7bd7d122b5
  okstra: hint: take it out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' rebase --rebase-merges --onto 8d7bd7d122b5^ 8d7bd7d122b5
  [1]

What merging the stages would give can be asked before, and the commands can be run on it.

  $ rm idea.txt
  $ git okstra verify --preview
  okstra: in the task branch already: stage 1
  okstra: would merge cleanly: stage 2
  okstra: not done, and left out: stages 3, 4
  7cca671f43a220f85a998867292f8713f3400dc4
  $ git okstra verify --preview --run 2>&1 | sed 's/, [0-9.]* s$/, .../'
  okstra: [1/2] ls shop
  okstra:   | price.py
  okstra:   | voucher.py
  okstra:   exit status 0, ...
  okstra: [2/2] grep -q a shop/price.py
  okstra:   exit status 0, ...
  okstra: in the task branch already: stage 1
  okstra: would merge cleanly: stage 2
  okstra: not done, and left out: stages 3, 4
  7cca671f43a220f85a998867292f8713f3400dc4

When all is in, and the commit that belongs to no stage is out, the task is accepted.

  $ git -c core.hooksPath=/dev/null reset -q --hard HEAD^
  $ git okstra merge >/dev/null 2>&1 && work 3 shop/checkout.py && work 4 docs/manual.md && git okstra merge >/dev/null 2>&1
  $ git okstra verify --dry-run
  okstra: nothing speaks against DEV-9436 at 74641c0588d1, and 2 commands would be run
  okstra: nothing was changed (--dry-run)
  $ git okstra verify >~/report 2>~/said; sed 's/, [0-9.]* s$/, .../' ~/said; cat ~/report
  okstra: [1/2] ls shop
  okstra:   | checkout.py
  okstra:   | price.py
  okstra:   | voucher.py
  okstra:   exit status 0, ...
  okstra: [2/2] grep -q a shop/price.py
  okstra:   exit status 0, ...
  okstra: DEV-9436 at 74641c0588d1 is accepted; it is in the phase final-verification
  $TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/reports/*-74641c0588d1/report.json (glob)
  $ git okstra phase 2>/dev/null; git okstra status | grep verdict
  final-verification
    verdict accepted, ????-??-??T??:??:??Z (glob)

The report is there for people and for programs, and can be checked later.

  $ report=$(cat ~/report) && ls "$(dirname "$report")"
  command-1.log
  command-2.log
  report.json
  report.md
  $ sed -n 1,15p "${report%json}md" && cat "$(dirname "$report")/command-1.log"
  # Verification report: DEV-9436, accepted
  
  **Vouchers in the checkout**
  
  | | |
  | --- | --- |
  | Verdict | **accepted** |
  | Commit | `74641c0588d1c4f5667ddc9760c0e93f546b78a2` |
  | Tree | `d6db6ff9e4699876567888450abfecee2047a054` |
  | Task branch | `feat-dev-9436` |
  | Base | `main` (`11aaa519a1ae`) |
  | Plan | approved (`sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7`) |
  | Phase when it was judged | implementation |
  | Time | ????-??-??T??:??:??Z | (glob)
  | Run by | ada@example |
  checkout.py
  price.py
  voucher.py
  $ git okstra verify --check "$report"
  okstra: '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/reports/*-74641c0588d1/report.json' is a true report: accepted, 74641c0588d1 (glob)
  okstra: the task is accepted as it is
  $ sed s/DEV-9436/DEV-9437/ "$report" >"$TMPDIR/forged.json" && git okstra verify --check "$TMPDIR/forged.json"
  okstra: error [report-invalid]: the report says what is not true here:
  okstra:   verdict: the journal knows no report with exactly this content
  okstra: hint: have a true one written: git okstra verify
  [1]
  $ echo '{"verdict": "accepted"}' >"$TMPDIR/forged.json" && git okstra verify --check "$TMPDIR/forged.json" 2>&1 | head -3
  okstra: error [report-invalid]: the report is not after its schema:
  okstra:   the document: 'schema' is a required property
  okstra:   the document: 'time' is a required property

After a review the task goes back, and the verdict loses its force.

  $ git okstra phase implementation --yes >/dev/null
  okstra: implementation permits:
  okstra:   commits on the task branch: merges of done stages; without a plan any commit
  okstra:   commits on stage branches: files the approved plan lists
  okstra:   push: no (light: plain pushes of governed branches)
  okstra: the verdict loses its force; verify again when the work is done
  okstra: DEV-9436 moved from final-verification to implementation
  $ git okstra status | grep verdict
    verdict accepted, ????-??-??T??:??:??Z, but it is void: the task went back to implementation (glob)
  $ echo "a line of notes" >notes && git add notes && git -c core.hooksPath=/dev/null commit -q -m "change notes"
  $ git okstra verify >/dev/null
  okstra: [1/2] ls shop
  okstra:   | checkout.py
  okstra:   | price.py
  okstra:   | voucher.py
  okstra:   exit status 0, * s (glob)
  okstra: [2/2] grep -q a shop/price.py
  okstra:   exit status 0, * s (glob)
  okstra: error [foreign-commit]: DEV-9436 at d7f0e5e93a7b is rejected: the commit d7f0e5e93a7b (change notes) is on the task branch, which takes only merges of done stages under a plan
  okstra: hint: look at it: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' show d7f0e5e93a7b
  okstra: hint: take it out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' rebase --rebase-merges --onto d7f0e5e93a7b^ d7f0e5e93a7b
  [1]
  $ git -c core.hooksPath=/dev/null reset -q --hard HEAD^
  $ git okstra reopen 2 >/dev/null 2>&1 && git okstra verify --json | sed -n '/"reasons"/,/^  \]/p'
    "reasons": [
      {
        "kind": "stage-not-done",
        "code": "stage-not-done",
        "message": "stage 2 is open, not done",
        "hint": [
          "git okstra done 2"
        ],
        "data": {
          "number": "2",
          "state": "open"
        }
      }
    ],
  $ git okstra verify --lang ko >~/report 2>/dev/null; sed -n '1p;/^## /p;/^- /p' "$(sed 's/json$/md/' ~/report)"
  # 최종 검증 보고서: DEV-9436, 반려
  ## 반려 사유
  - **stage-not-done**: 스테이지 2이(가) 완료되지 않았습니다(현재 상태: 진행 중).
  ## 검사 항목
  ## 스테이지
  ## 검증 명령
