The plan as it stands at this moment: state of each stage, who has it, commits ahead and behind the task branch.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 --title 'Vouchers in the checkout' 2>/dev/null)"
  $ git okstra graph
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ git okstra plan import ~/plan.md >/dev/null 2>&1
  $ git okstra graph
  okstra: the plan is not approved, and nothing can begin; approve it with: git okstra plan approve
  ○   1 Voucher model  waiting
  │ ○ 2 Price          waiting
  │ │
  ├─○ 3 Checkout page  waiting  ← 1, 2
  ╰─○ 4 Manual         waiting  ← 1
  $ git okstra plan approve --yes >/dev/null 2>&1
  $ work 1 shop/voucher.py && git okstra merge >/dev/null 2>&1
  $ cd "$(OKSTRA_OWNER=ben@example git okstra stage 2 2>/dev/null)" && commit shop/price.py && echo more >>shop/price.py
  $ git okstra graph
  ●   1 Voucher model  merged   ada@example, -1
  │ ◐ 2 Price          open     ben@example, +1 -2 *
  │ │
  ├─○ 3 Checkout page  waiting                        ← 1, 2
  ╰─◎ 4 Manual         ready                          ← 1

For a page in Markdown, where forges draw it, and for Graphviz:

  $ git okstra graph --format mermaid
  flowchart TD
      s1["1 Voucher model<br/>● merged · ada@example, -1"]:::merged
      s2["2 Price<br/>◐ open · ben@example, +1 -2 *"]:::open
      s3["3 Checkout page<br/>○ waiting"]
      s4["4 Manual<br/>◎ ready"]:::ready
      s1 --> s3
      s2 --> s3
      s1 --> s4
      classDef ready fill:#dbeafe,color:#111
      classDef open fill:#fef3c7,color:#111
      classDef merged fill:#86efac,color:#111
  $ git okstra graph --format dot
  digraph plan {
      node [shape=box, style="rounded,filled", fillcolor=white];
      s1 [label="1 Voucher model\n● merged · ada@example, -1", fillcolor="#86efac"];
      s2 [label="2 Price\n◐ open · ben@example, +1 -2 *", fillcolor="#fef3c7"];
      s3 [label="3 Checkout page\n○ waiting"];
      s4 [label="4 Manual\n◎ ready", fillcolor="#dbeafe"];
      s1 -> s3;
      s2 -> s3;
      s1 -> s4;
  }

As a picture; the name of the file says how to draw.

  $ git okstra graph --output ~/plan.svg
  okstra: the plan of DEV-9436 is drawn in '$TMPDIR/home/plan.svg'
  $TMPDIR/home/plan.svg
  $ python3 -c 'import sys, xml.dom.minidom; print(xml.dom.minidom.parse(sys.argv[1]).documentElement.tagName)' ~/plan.svg
  svg
  $ git okstra graph --output ~/plan.mmd 2>/dev/null && head -1 ~/plan.mmd
  $TMPDIR/home/plan.mmd
  flowchart TD
  $ git okstra graph --output ~/pictures/plan.svg
  okstra: error [cannot-write]: cannot write '$TMPDIR/home/pictures/plan.svg': No such file or directory
  okstra: hint: make its directory: mkdir -p $TMPDIR/home/pictures
  [1]
  $ git okstra graph --format svg --output - | head -1
  <svg xmlns="http://www.w3.org/2000/svg" width="552.8" height="245" viewBox="0 0 552.8 245" role="img">
  $ git okstra graph --format png
  okstra: error [usage]: invalid value for '--format': 'png' is not one of 'text', 'mermaid', 'dot', 'svg'
  okstra: hint: git okstra help graph
  [2]

What a program reads:

  $ git okstra graph --json | python3 -c '
  > import json, sys
  > graph = json.load(sys.stdin)
  > print(graph["order"], [(edge["from"], edge["to"]) for edge in graph["edges"]], graph["output"])
  > print([(stage["number"], stage["state"], stage["owner"]) for stage in graph["task"]["stages"]])
  > '
  [1, 2, 3, 4] [(1, 3), (2, 3), (1, 4)] None
  [(1, 'merged', 'ada@example'), (2, 'open', 'ben@example'), (3, 'waiting', None), (4, 'ready', None)]
