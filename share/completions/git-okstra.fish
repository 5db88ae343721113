# Completion of git okstra for fish, and the function okcd.
#
# In ~/.config/fish/config.fish:  git okstra shell-init fish | source
# Or installed as git-okstra.fish in a directory of $fish_complete_path; okcd is then there after the first completion.
#
# What it offers is read from small files of the store and from git. No Python is started, but for the categories.

function okcd --description 'Change into a worktree of git okstra; stay where it is when there is none'
    set -l found (git okstra path $argv)
    or return
    if string match -q -- '/*' $found[1]
        cd $found
    else
        printf '%s\n' $found # usage, or a JSON document
    end
end

# The words before the cursor that are neither options nor their values: the command and its arguments.
function __okstra_positional
    set -l found
    set -l expecting
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if set -q expecting[1]
            set expecting
            continue
        end
        set -l command $found[1]
        contains -- "$command" $__okstra_groups
        and set command "$found[1..2]"
        # What follows WHAT is a command line of its own.
        if test "$command" = exec; and test (count $found) -ge 2
            test "$word" = --
            or set -a found $word
            continue
        end
        switch $word
            case '-*'
                contains -- "$command $word" $__okstra_valued
                and set expecting yes
            case '*'
                set -a found $word
        end
    end
    set -q found[1]
    and printf '%s\n' $found
end

# Whether the command is the one named, with all its words there.
function __okstra_is
    set -l found (__okstra_positional)
    if test (count $argv) = 1; and contains -- $argv[1] $__okstra_groups
        test "$found" = "$argv"
    else
        test "$found[1..$(count $argv)]" = "$argv"
    end
end

# Whether the command is one of those named, each as one word (plan.import).
function __okstra_among
    set -l found (__okstra_positional)
    set -l command $found[1]
    contains -- "$command" $__okstra_groups
    and set command (string join . -- $found[1..2])
    contains -- "$command" $argv
end

# Whether argument $argv[1], from 0, is to be completed; with "more" that one or a later one.
function __okstra_at
    set -l found (__okstra_positional)
    set -l place (math (count $found) - 1)
    contains -- "$found[1]" $__okstra_groups
    and set place (math $place - 1)
    test $place -eq $argv[1]
    or test "$argv[2]" = more -a $place -gt $argv[1]
end

# git, as the options before "okstra" have it.
function __okstra_git
    command git $__okstra_directory_option $argv 2>/dev/null
end

# The git common directory, and the git directory of the worktree one stands in.
function __okstra_place
    __okstra_git rev-parse --path-format=absolute --git-common-dir --git-dir
end

# The open tasks, as GROUP,TASK.
function __okstra_open_tasks --argument-names common
    for file in $common/okstra/open/*,*
        path basename $file
    end
end

# The open tasks; where two groups have the same one, with their groups.
function __okstra_tasks --argument-names common
    set -l open (__okstra_open_tasks $common)
    set -l names (string replace -r '^[^,]*,' '' -- $open)
    for name in $open
        set -l task (string replace -r '^[^,]*,' '' -- $name)
        if test (count (string match -- $task $names)) -gt 1
            string replace , / -- $name
        else
            printf '%s\n' $task
        end
    end
end

# The directory of the task which is meant. By --task, else where one stands, else the only open one.
function __okstra_directory --argument-names common own
    set -l words (commandline -opc)
    set -l wanted (string replace -f -- --task= '' $words)
    set -l index (contains -i -- --task $words)
    and set wanted $words[(math $index + 1)]
    set -l found
    if string match -q '*/*' -- "$wanted"
        set found $common/okstra/tasks/$wanted
    else if test -n "$wanted"
        set found $common/okstra/tasks/*/(string lower -- $wanted)
    else if test -f $own/okstra
        read -l place <$own/okstra
        set found $common/okstra/tasks/(string replace -r ' \d+$' '' -- $place)
    else
        set -l open (__okstra_open_tasks $common)
        test (count $open) = 1
        and set found $common/okstra/tasks/(string replace , / -- $open)
    end
    test -d "$found[1]"
    and printf '%s\n' $found[1]
end

# The stages with their titles; with "open" those that have a worktree.
function __okstra_stages --argument-names directory which
    test -r "$directory/plan.toml"
    or return
    set -l open
    test -r "$directory/paths"
    and set open (string replace -r ' .*' '' <$directory/paths)
    set -l number
    while read -l line
        switch $line
            case 'number = *'
                set number (string replace 'number = ' '' -- $line)
            case 'title = *'
                test -n "$number"
                or continue
                test "$which" != open
                or contains -- $number $open
                or continue
                printf '%s\t%s\n' $number (string replace -r '^title = "(.*)"$' '$1' -- $line)
                set number
        end
    end <$directory/plan.toml
end

# Offers what $argv[1] says: words with commas between, of which those with @ are looked up.
function __okstra_values
    set -l place
    string match -q '*@*' -- $argv[1]
    and set place (__okstra_place)
    for token in (string split , -- $argv[1])
        switch $token
            case @nothing @files
            case @categories
                __okstra_git okstra config get categories.names | string split ,
            case @commands
                printf '%s\n' $__okstra_commands
            case @keys
                printf '%s\n' $__okstra_keys
            case @values
                __okstra_setting_values (string match -- '*.*' (__okstra_positional))[1]
            case @commits
                __okstra_git for-each-ref --format='%(refname:short)' refs/heads refs/remotes refs/tags
            case @branches
                __okstra_git for-each-ref --format='%(refname:short)' refs/heads
            case '@*'
                test (count $place) = 2
                or continue
                switch $token
                    case @tasks
                        __okstra_tasks $place[1]
                    case @stages
                        __okstra_stages (__okstra_directory $place)
                    case @open
                        __okstra_stages (__okstra_directory $place) open
                    case @what
                        set -l directory (__okstra_directory $place)
                        and printf '%s\t%s\n' task 'the task itself'
                        __okstra_stages "$directory" open
                        __okstra_tasks $place[1]
                    case @groups
                        for group in $place[1]/okstra/tasks/*/
                            path basename $group
                        end
                    case @trash
                        for entry in $place[1]/okstra/trash/*/entry.json
                            path basename (path dirname $entry)
                        end
                end
            case '*'
                printf '%s\n' $token
        end
    end
end

# Completes the command line behind WHAT of exec.
function __okstra_command
    set -l found (__okstra_positional)
    set -e found[1 2]
    complete -C (string join ' ' -- (string escape -- $found) (commandline -ct))
end

# Completes `git okstra`, for fish's own completion of git, which does so by itself only in some versions.
function __okstra_below_git
    set -l words (commandline -opc)
    set -l place (contains -i -- okstra $words)
    or return
    set -l before $words[1..$place]
    set -e words[1..$place]
    set -l option (contains -i -- -C $before)
    and set -g __okstra_directory_option -C $before[(math $option + 1)]
    complete -C (string join ' ' -- git-okstra (string escape -- $words) (commandline -ct))
    set -e __okstra_directory_option
end

complete -c git -n __fish_git_needs_command -a okstra -d 'Several worktrees for one ticket, nothing lost'
complete -c git -f -n '__fish_git_using_command okstra' -a '(__okstra_below_git)'
complete -c git-okstra -f
complete -c git-okstra -n 'not __okstra_positional >/dev/null' -s h -l help -d 'Show the usage'
complete -c git-okstra -n 'not __okstra_positional >/dev/null' -l version -d 'Print the version'
complete -c git-okstra -n 'not __okstra_positional >/dev/null' -a '(__okstra_values @commands)'
complete -c okcd -f -a '(__okstra_values @what)'

# >>> Lists made from the commands; write them anew with: python tests/support/completion_lists.py
set -g __okstra_valued 'start --base' 'start --group' 'start --title' 'start --lifecycle' 'start --branch' 'plan import --task' 'plan import --format' 'plan show --task' 'plan show --format' 'plan check --task' 'plan check --format' 'plan approve --task' 'plan edit --task' 'stage --task' 'done --task' 'reopen --task' 'abandon --task' 'takeover --task' 'merge --task' 'run --task' 'run -j' 'run --jobs' 'run --agent' 'run --retry' 'run --timeout' 'conflicts --task' 'conflicts --interval' 'sync --task' 'phase --task' 'verify --task' 'verify --lang' 'verify --check' 'handoff --task' 'handoff --action' 'handoff --pr-base' 'handoff --remote' 'handoff --message-file' 'handoff --title' 'handoff --template' 'status --task' 'watch --interval' 'watch --task' 'who --task' 'path --task' 'exec --task' 'exec --agent' 'brief --task' 'brief --agent' 'log --task' 'log --stage' 'log -n' 'log --max-count' 'graph --task' 'graph --format' 'graph -o' 'graph --output' 'timeline --task' 'timeline --format' 'timeline -o' 'timeline --output' 'remove --task' 'release --task' 'undo --task' 'config get --scope' 'config set --scope' 'config unset --scope' 'guard --format'
set -g __okstra_groups plan config hooks
set -g __okstra_keys 'project.id	the project\'s id; empty: the name of the main worktree\'s directory' 'start.base	the base a task starts from; empty: ask' 'start.fetch	fetch before a task is started' 'start.lifecycle	the lifecycle of new tasks' 'categories.names	the categories a task may have' 'categories.aliases	other words for categories; added to those of the scopes before' 'worktree.link	symlinked from the main worktree into each new one' 'worktree.copy	copied from the main worktree into each new one' 'worktree.setup	commands that are run in each new worktree' 'worktree.sparse	check out only the directories that a stage needs' 'worktree.sparse_always	what a sparse worktree has besides what its stage needs' 'trash.keep	how long the trash keeps what was removed' 'undo.keep	how long the operation log keeps an operation' 'policy.protected	branches that nobody pushes to directly' 'policy.docs	what may be committed before the implementation phase' 'hooks.install	install the hooks with the first start' 'hooks.scope	where ref updates are judged: in governed worktrees, or in the whole repository; auto: as git makes it cheap' 'hooks.push_guard	judge pushes on the wire too, against push --no-verify' 'lock.timeout	how long to wait for a lock' 'lease.expires	how long an owner who works under a lease may give no sign of life' 'verify.timeout	how long one verify command may take' 'verify.commands	commands that verify runs in the task worktree' 'report.lang	the language of the gate\'s reports' 'checkout.workers	processes that check out at once; 0: one a processor' 'checkout.timeout	how long one checkout or merge of git may take' 'guard.publish	commands that publish a release, which the guard refuses agents' 'guard.scratch	directories outside of the stage in which agents may edit files' 'guard.warn	tell an agent that edits a file which another open stage changes, too' 'ui.color	colours on a terminal' 'pr.template	the template of pull requests; empty: the one that ships' 'pr.forge	what kind of forge the remote is on; auto: told from its address' 'profiles.requirements-discovery.agents	the agents that may work in the phase requirements-discovery; \'*\' is anyone' 'profiles.error-analysis.agents	the agents that may work in the phase error-analysis; \'*\' is anyone' 'profiles.implementation-planning.agents	the agents that may work in the phase implementation-planning; \'*\' is anyone' 'profiles.implementation.agents	the agents that may work in the phase implementation; \'*\' is anyone' 'profiles.final-verification.agents	the agents that may work in the phase final-verification; \'*\' is anyone' 'profiles.release-handoff.agents	the agents that may work in the phase release-handoff; \'*\' is anyone' 'agents.claude.command	how git okstra run starts the agent claude' 'agents.codex.command	how git okstra run starts the agent codex' 'agents.gemini.command	how git okstra run starts the agent gemini'
set -g __okstra_commands 'init	Set this repository up: its store, and its project id on this machine' 'start	Give a ticket its own worktree and branch' 'plan	The plan of a task: its stages, what each depends on, and the files it may change' 'stage	Open stage N of the plan, or with \'auto\' the first that is ready' 'done	Close a stage: check it and record its head commit' 'reopen	Take a stage that is done back to open, for more work on it' 'abandon	Give a stage up' 'takeover	Take a stage over whose owner is gone' 'merge	Merge done stages into the task branch, dependencies first' 'run	Work the plan off: open each stage that is ready, run a command in its worktree, close it and merge it' 'conflicts	Say which stages would conflict with one another, with the task branch and with the base, before anybody merges' 'sync	Bring a stage up to date that is behind what it stands on, because that was done again; or the task' 'phase	Show the phase that the task is in, and what it permits; or move the task to another phase' 'verify	Judge the whole task, and record the verdict: accepted, or rejected with every reason at once' 'handoff	Hand the verified work over: the commit, the push of the task branch, and the pull request' 'list	List the tasks and their stages: state, branch, commits ahead and behind, owner, age and path' 'status	Show one task in detail: phase, plan as a graph, each stage, what is ready, and what to do next' 'watch	Show the status of a task, and keep it up to date until q is typed' 'who	Say who holds which task and stage, since when, and for how long nobody has been seen at work there' 'path	Print where a worktree is' 'exec	Run a command in the worktree of WHAT, and exit with its status' 'brief	Print everything that someone, or an agent, needs to begin stage N, as Markdown' 'log	Show the journal of the task: what happened when, and by whom' 'graph	Draw the plan with what is going on: the state of each stage, who has it, and its commits ahead and behind' 'timeline	Draw who worked on which stage when, and how much faster that was than one stage after another' 'remove	Remove a worktree with its branch and reservation; all of it goes to the trash' 'prune	Remove the worktrees of tasks whose work is in their base branch, and empty the old trash' 'restore	List the trash, or bring a removed worktree back: files, index, branch, reservation and stage state' 'release	Give a reservation back and leave worktree and branch alone' 'undo	Take the last operation back: refs, records and worktrees as they were before it' 'config	Settings, with scopes: built-in, global, project, clone, environment, option; later wins' 'hooks	The hooks that hold the line: what the plan and the phase do not allow is refused by git itself' 'guard	Judge one tool call of a coding agent before it is carried out, or install that judge' 'doctor	Compare registry, store, and git\'s worktrees and branches, and explain what does not agree' 'tour	Play the whole story in a throw-away repository, step by step, in seconds' 'shell-init	Print what a shell needs: completion, and the function okcd, which changes into a worktree' 'help	Show the manual page of git okstra, or of a command'
function __okstra_setting_values
    switch $argv[1]
        case start.lifecycle
            printf '%s\n' light full
        case hooks.scope
            printf '%s\n' auto worktrees repository
        case report.lang
            printf '%s\n' en ko
        case ui.color
            printf '%s\n' auto always never
        case pr.forge
            printf '%s\n' auto github gitlab gitea bitbucket
        case start.fetch
            printf '%s\n' true false
        case worktree.sparse
            printf '%s\n' true false
        case hooks.install
            printf '%s\n' true false
        case hooks.push_guard
            printf '%s\n' true false
        case guard.warn
            printf '%s\n' true false
    end
end
complete -c git-okstra -n '__okstra_is plan' -a import -d 'Read a plan from FILE (TOML, JSON, or the first table of a Markdown text; "-" is standard input) and store it'
complete -c git-okstra -n '__okstra_is plan' -a show -d 'Draw the plan as a graph'
complete -c git-okstra -n '__okstra_is plan' -a check -d 'Report every fault of a plan at once, with its line: of FILE, or of the stored plan'
complete -c git-okstra -n '__okstra_is plan' -a approve -d 'Approve the plan as it is'
complete -c git-okstra -n '__okstra_is plan' -a edit -d 'Edit the plan in your editor; what you save is checked and imported'
complete -c git-okstra -n '__okstra_is plan' -a template -d 'Print an example of a plan, with explanations, to begin from'
complete -c git-okstra -n '__okstra_is config' -a get -d 'Print the value of a setting'
complete -c git-okstra -n '__okstra_is config' -a set -d 'Write a setting into the file of a scope, this clone\'s unless named'
complete -c git-okstra -n '__okstra_is config' -a unset -d 'Take a setting out of the file of a scope'
complete -c git-okstra -n '__okstra_is config' -a list -d 'List every setting with the value that counts'
complete -c git-okstra -n '__okstra_is config' -a trust -d 'Approve exactly the commands that the project\'s committed file asks for; a change asks again'
complete -c git-okstra -n '__okstra_is config' -a untrust -d 'Take back every approval of commands in this clone'
complete -c git-okstra -n '__okstra_is hooks' -a install -d 'Install the hooks, or bring them up to date; every hook that is there keeps running'
complete -c git-okstra -n '__okstra_is hooks' -a uninstall -d 'Take the hooks out again, and leave everything as it was before them'
complete -c git-okstra -n '__okstra_is hooks' -a status -d 'Show, for each worktree, which hooks run and in which order'
complete -c git-okstra -n '__okstra_among init start plan.import plan.approve plan.edit stage done reopen abandon takeover merge run sync phase verify handoff remove prune restore release undo config.set config.unset config.trust config.untrust hooks.install hooks.uninstall guard doctor' -s n -l dry-run -d 'Say what would be done, change nothing'
complete -c git-okstra -n '__okstra_among init start plan.import plan.show plan.check plan.approve plan.edit plan.template stage done reopen abandon takeover merge run conflicts sync phase verify handoff list status watch who path brief log graph timeline remove prune restore release undo config.get config.set config.unset config.list config.trust config.untrust hooks.install hooks.uninstall hooks.status doctor help' -l json -d 'Print one JSON document'
complete -c git-okstra -n '__okstra_among init start plan.import plan.show plan.check plan.approve plan.edit plan.template stage done reopen abandon takeover merge run conflicts sync phase verify handoff list status watch who path exec brief log graph timeline remove prune restore release undo config.get config.set config.unset config.list config.trust config.untrust hooks.install hooks.uninstall hooks.status guard doctor tour shell-init help' -s h -l help -d 'Show the usage of the command'
complete -c git-okstra -n '__okstra_among start' -l base -x -a '(__okstra_values @commits)' -d 'The commit the branch starts from'
complete -c git-okstra -n '__okstra_among start' -l group -x -a '(__okstra_values @groups)' -d 'The group, instead of the letters before the number of ID'
complete -c git-okstra -n '__okstra_among start' -l title -x -a '(__okstra_values @nothing)' -d 'One line saying what the task is about'
complete -c git-okstra -n '__okstra_among start' -l lifecycle -x -a '(__okstra_values light,full)' -d 'Which lifecycle the task goes through'
complete -c git-okstra -n '__okstra_among start' -l branch -x -a '(__okstra_values @branches)' -d 'The branch, instead of CATEGORY-ID'
complete -c git-okstra -n '__okstra_among start' -l fetch -d 'Fetch from the remote first'
complete -c git-okstra -n '__okstra_among start' -l adopt -d 'Take over a branch of that name that exists already'
complete -c git-okstra -n '__okstra_among start' -l worktree -d 'Make a worktree even inside a linked one'
complete -c git-okstra -n '__okstra_among start' -l exclusive -d 'Refuse instead of giving again what is open already'
complete -c git-okstra -n '__okstra_among start' -l no-hooks -d 'Install no hooks here'
complete -c git-okstra -n '__okstra_among start' -l skip-ok -d 'Outside a repository, do nothing and succeed'
complete -c git-okstra -n '__okstra_among plan.import plan.show plan.check plan.approve plan.edit stage done reopen abandon takeover merge run conflicts sync phase verify handoff status watch who path exec brief log graph timeline remove release undo' -l task -x -a '(__okstra_values @tasks)' -d 'The task, when it is not the one stood in'
complete -c git-okstra -n '__okstra_among plan.import plan.check' -l format -x -a '(__okstra_values toml,json,markdown)' -d 'How the file is written'
complete -c git-okstra -n '__okstra_among plan.show' -l format -x -a '(__okstra_values text,mermaid,dot,json)' -d 'How to draw it'
complete -c git-okstra -n '__okstra_among plan.approve config.trust' -l yes -d 'Do not ask: the person who types this approves'
complete -c git-okstra -n '__okstra_among stage' -l all-ready -d 'Open every stage that is ready and that nobody has'
complete -c git-okstra -n '__okstra_among stage' -l exclusive -d 'Refuse instead of giving again what one has open already'
complete -c git-okstra -n '__okstra_among stage' -l merge-deps -d 'Merge the stages it depends on first, if they are not merged'
complete -c git-okstra -n '__okstra_among stage' -l flat -d 'No worktree of its own: work on the task branch'
complete -c git-okstra -n '__okstra_among stage' -l no-sparse -l sparse -d 'Check out only the directories that the stage needs, or all of them'
complete -c git-okstra -n '__okstra_among done' -l allow-empty -d 'Close it though it has no commit of its own'
complete -c git-okstra -n '__okstra_among abandon remove' -s f -l force -d 'Take uncommitted changes and untracked files along to the trash'
complete -c git-okstra -n '__okstra_among takeover' -l yes -d 'Do not ask: the person who types this knows that its owner is gone'
complete -c git-okstra -n '__okstra_among merge sync' -l continue -d 'Go on after the conflicts were resolved'
complete -c git-okstra -n '__okstra_among merge' -l abort -d 'Give up the merge that stopped; what was merged before stays merged'
complete -c git-okstra -n '__okstra_among run' -s j -l jobs -x -a '(__okstra_values @nothing)' -d 'How many stages are worked on at once'
complete -c git-okstra -n '__okstra_among run' -l agent -x -a '(__okstra_values @nothing)' -d 'Run the command that the setting agents.NAME.command holds'
complete -c git-okstra -n '__okstra_among run' -l keep-going -d 'Go on with what does not stand on a failed stage; the default'
complete -c git-okstra -n '__okstra_among run' -l fail-fast -d 'End everything as soon as one stage has failed'
complete -c git-okstra -n '__okstra_among run' -l retry -x -a '(__okstra_values @nothing)' -d 'Try a failed stage again, so often'
complete -c git-okstra -n '__okstra_among run' -l timeout -x -a '(__okstra_values @nothing)' -d 'End a command that takes longer: seconds, or such as 10m or 1h30m'
complete -c git-okstra -n '__okstra_among run' -l output -d 'Show what the commands write, the stage in front'
complete -c git-okstra -n '__okstra_among conflicts' -l committed -d 'Only what is committed; by default uncommitted changes count, too'
complete -c git-okstra -n '__okstra_among conflicts' -l watch -d 'Keep it up to date as the stages change, until q is typed'
complete -c git-okstra -n '__okstra_among conflicts watch' -l interval -x -a '(__okstra_values @nothing)' -d 'How often to look whether something changed; 1 by default'
complete -c git-okstra -n '__okstra_among sync' -l all -d 'Every stage of one\'s own that is behind'
complete -c git-okstra -n '__okstra_among sync' -l rebase -d 'Make the stage\'s commits anew, if they were never pushed, and merge not'
complete -c git-okstra -n '__okstra_among sync' -l abort -d 'Give up what stopped; the branch stays where it was'
complete -c git-okstra -n '__okstra_among phase undo hooks.uninstall' -l yes -d 'Do not ask: the person who types this decides'
complete -c git-okstra -n '__okstra_among verify' -l lang -x -a '(__okstra_values en,ko)' -d 'The language of the report, instead of report.lang'
complete -c git-okstra -n '__okstra_among verify' -l check -r -F -d 'Validate a report and what it claims, and judge nothing'
complete -c git-okstra -n '__okstra_among verify' -l preview -d 'Say what merging all done stages would give; merge nothing'
complete -c git-okstra -n '__okstra_among verify' -l run -d 'Run the commands on the outcome of --preview, in a checkout'
complete -c git-okstra -n '__okstra_among handoff' -l action -x -a '(__okstra_values commit,pr,skip)' -d 'What to do, instead of being asked'
complete -c git-okstra -n '__okstra_among handoff' -l pr-base -x -a '(__okstra_values @commits)' -d 'The branch that the pull request is for'
complete -c git-okstra -n '__okstra_among handoff' -l remote -x -a '(__okstra_values @nothing)' -d 'The remote to push to; origin, or the only one, unless named'
complete -c git-okstra -n '__okstra_among handoff' -l message-file -r -F -d 'The commit message, instead of the drafted one'
complete -c git-okstra -n '__okstra_among handoff' -l title -x -a '(__okstra_values @nothing)' -d 'The title of the pull request, instead of the drafted one'
complete -c git-okstra -n '__okstra_among handoff' -l template -r -F -d 'The template of the pull request\'s body'
complete -c git-okstra -n '__okstra_among handoff' -l squash -d 'Make one commit of the branch; the tip it had is kept'
complete -c git-okstra -n '__okstra_among handoff' -l yes -d 'Use the drafted text as it is'
complete -c git-okstra -n '__okstra_among list' -l all -d 'The tasks of every repository of this machine'
complete -c git-okstra -n '__okstra_among list' -l long -d 'Each worktree\'s disk use, how long it is idle, and the bases, too'
complete -c git-okstra -n '__okstra_among list' -l no-dirty -d 'Do not look into the worktrees for uncommitted changes'
complete -c git-okstra -n '__okstra_among exec' -l agent -x -a '(__okstra_values @nothing)' -d 'Who runs it: refused unless the phase\'s roster names that agent'
complete -c git-okstra -n '__okstra_among brief' -l gate -d 'For whoever judges the whole task, with every stage and all changes'
complete -c git-okstra -n '__okstra_among brief' -l agent -x -a '(__okstra_values @nothing)' -d 'Who it is for: refused unless the phase\'s roster names that agent'
complete -c git-okstra -n '__okstra_among log' -l stage -x -a '(__okstra_values @stages)' -d 'Only what happened to stage N'
complete -c git-okstra -n '__okstra_among log' -s n -l max-count -x -a '(__okstra_values @nothing)' -d 'Only the last COUNT of them'
complete -c git-okstra -n '__okstra_among log' -l operations -d 'The commands that changed something, which \'undo\' takes back'
complete -c git-okstra -n '__okstra_among graph' -l format -x -a '(__okstra_values text,mermaid,dot,svg)' -d 'How to draw it; else as FILE is named, or as text'
complete -c git-okstra -n '__okstra_among graph timeline' -s o -l output -r -F -d 'Write the drawing to FILE, over what is there'
complete -c git-okstra -n '__okstra_among timeline' -l format -x -a '(__okstra_values text,svg)' -d 'How to draw it; else as FILE is named, or as text'
complete -c git-okstra -n '__okstra_among remove' -s D -l unmerged -d 'Take commits along that are on no other branch'
complete -c git-okstra -n '__okstra_among config.get' -l scope -x -a '(__okstra_values all,built-in,global,project,clone,environment)' -d 'What one scope says, or with \'all\' what each says and which wins'
complete -c git-okstra -n '__okstra_among config.set config.unset' -l scope -x -a '(__okstra_values global,project,clone)' -d 'Whose file: every repository\'s, the committed .okstra.toml, or this clone\'s'
complete -c git-okstra -n '__okstra_among config.list' -l show-origin -d 'Say which scope, file and line each value comes from'
complete -c git-okstra -n '__okstra_among hooks.install' -l no-push-guard -l push-guard -d 'Judge pushes on the wire too, or no longer'
complete -c git-okstra -n '__okstra_among guard' -l format -x -a '(__okstra_values claude,codex,gemini,cursor)' -d 'The client that asks, when it is not recognised'
complete -c git-okstra -n '__okstra_among doctor' -l repair -d 'Mend what is safe to mend, and say what was done'
complete -c git-okstra -n '__okstra_is start; and __okstra_at 0' -a '(__okstra_values @categories)'
complete -c git-okstra -n '__okstra_is start; and __okstra_at 1' -a '(__okstra_values @nothing)'
complete -c git-okstra -n '__okstra_is plan import; and __okstra_at 0' -F
complete -c git-okstra -n '__okstra_is plan check; and __okstra_at 0' -F
complete -c git-okstra -n '__okstra_is stage; and __okstra_at 0 more' -a '(__okstra_values @stages,auto)'
complete -c git-okstra -n '__okstra_is done; and __okstra_at 0' -a '(__okstra_values @open)'
complete -c git-okstra -n '__okstra_is reopen; and __okstra_at 0' -a '(__okstra_values @stages)'
complete -c git-okstra -n '__okstra_is abandon; and __okstra_at 0' -a '(__okstra_values @open)'
complete -c git-okstra -n '__okstra_is takeover; and __okstra_at 0' -a '(__okstra_values @stages)'
complete -c git-okstra -n '__okstra_is merge; and __okstra_at 0 more' -a '(__okstra_values @stages)'
complete -c git-okstra -n '__okstra_is run; and __okstra_at 0 more' -a '(__okstra_values @stages)'
complete -c git-okstra -n '__okstra_is sync; and __okstra_at 0 more' -a '(__okstra_values @open,task)'
complete -c git-okstra -n '__okstra_is phase; and __okstra_at 0' -a '(__okstra_values requirements-discovery,error-analysis,implementation-planning,implementation,final-verification,release-handoff,next)'
complete -c git-okstra -n '__okstra_is status; and __okstra_at 0' -a '(__okstra_values @tasks)'
complete -c git-okstra -n '__okstra_is path; and __okstra_at 0' -a '(__okstra_values @what)'
complete -c git-okstra -n '__okstra_is exec; and __okstra_at 0' -a '(__okstra_values @what)'
complete -c git-okstra -n '__okstra_is exec; and __okstra_at 1 more' -x -a '(__okstra_command)'
complete -c git-okstra -n '__okstra_is brief; and __okstra_at 0' -a '(__okstra_values @stages)'
complete -c git-okstra -n '__okstra_is graph; and __okstra_at 0' -a '(__okstra_values @tasks)'
complete -c git-okstra -n '__okstra_is timeline; and __okstra_at 0' -a '(__okstra_values @tasks)'
complete -c git-okstra -n '__okstra_is remove; and __okstra_at 0' -a '(__okstra_values @what)'
complete -c git-okstra -n '__okstra_is restore; and __okstra_at 0' -a '(__okstra_values @trash)'
complete -c git-okstra -n '__okstra_is release; and __okstra_at 0' -a '(__okstra_values @what)'
complete -c git-okstra -n '__okstra_is undo; and __okstra_at 0' -a '(__okstra_values @nothing)'
complete -c git-okstra -n '__okstra_is config get; and __okstra_at 0' -a '(__okstra_values @keys)'
complete -c git-okstra -n '__okstra_is config set; and __okstra_at 0' -a '(__okstra_values @keys)'
complete -c git-okstra -n '__okstra_is config set; and __okstra_at 1 more' -a '(__okstra_values @values)'
complete -c git-okstra -n '__okstra_is config unset; and __okstra_at 0' -a '(__okstra_values @keys)'
complete -c git-okstra -n '__okstra_is guard; and __okstra_at 0' -a '(__okstra_values install,uninstall)'
complete -c git-okstra -n '__okstra_is guard; and __okstra_at 1' -a '(__okstra_values claude,codex,gemini,cursor)'
complete -c git-okstra -n '__okstra_is shell-init; and __okstra_at 0' -a '(__okstra_values bash,zsh,fish)'
complete -c git-okstra -n '__okstra_is help; and __okstra_at 0' -a '(__okstra_values @commands)'
# <<< End of the lists
